"""Pages from the web, in PostgreSQL. Implements census.ports.page_store.PageStore."""

import json
import uuid
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, TextClause
from sqlalchemy.orm import Session

from census.adapters.postgres import page_statements as sql
from census.adapters.postgres.crawl_growth import grow_crawl, lock_crawl
from census.adapters.postgres.removals import remove_vectors
from census.adapters.postgres.source_deletion import redact_quotes
from census.adapters.postgres.unused_texts import drop_unused_text
from census.domain.crawl import POLITE_SECONDS, CrawlPlace, Follow
from census.domain.cursor import PageRequest
from census.domain.errors import NotFoundError
from census.domain.identity import sha256
from census.domain.page_claims import PageState, TakePage
from census.domain.processing_error import ProcessingError
from census.domain.upload_claims import FileStatus
from census.ports.file_store import DeletedFile, StoredText
from census.ports.ingest_store import Completion
from census.ports.page_store import NewPages, PageClaim, PageRecord, ReadyPage, ScrapedPage


class PostgresPageStore:
    """Works on the session's transaction; times are the database's."""

    def __init__(self, session: Session, tenant_id: uuid.UUID) -> None:
        self._session = session
        self._tenant_id = tenant_id

    def _run(self, statement: TextClause, **values: Any) -> Any:
        return self._session.execute(statement, {"tenant": self._tenant_id, **values})

    def _took_effect(self, statement: TextClause, **values: Any) -> bool:
        return self._run(statement, **values).one_or_none() is not None

    def start_crawl(self, user_id: uuid.UUID, follow: Follow) -> uuid.UUID:
        """See the port."""
        made = self._run(
            sql.START_CRAWL,
            user=user_id,
            depth=follow.depth,
            max_pages=follow.max_pages,
            same_host=follow.same_host,
        )
        return uuid.UUID(str(made.scalar_one()))

    def cancel_crawl(self, crawl_id: uuid.UUID, error: ProcessingError) -> int:
        """See the port."""
        if not self._took_effect(sql.CANCEL_CRAWL, crawl=crawl_id):
            raise NotFoundError("crawl", crawl_id)
        return len(self._run(sql.END_PENDING, crawl=crawl_id, error=error.to_text()).all())

    def put(self, new: NewPages) -> Sequence[PageRecord]:
        """See the port."""
        rows = [{"url": url, "key": sha256(url), "seconds": seconds} for url, seconds in new.due_in]
        self._run(sql.PUT, user=new.user_id, crawl=new.crawl_id, rows=json.dumps(rows))
        if new.crawl_id is not None:
            busy_for = max(seconds for _, seconds in new.due_in) + POLITE_SECONDS
            self._run(sql.COUNT_PAGES, crawl=new.crawl_id, pages=len(rows), seconds=busy_for)
        keys = [str(row["key"]) for row in rows]
        found = {row.url_key: _record(row) for row in self._run(sql.RECORDS_BY_KEY, keys=keys)}
        return [found[key] for key in keys]

    def get(self, page_id: uuid.UUID, *, lock: bool = False) -> PageRecord:
        """See the port."""
        row = self._run(sql.RECORD_FOR_UPDATE if lock else sql.RECORD, page=page_id).one_or_none()
        if row is None:
            raise NotFoundError("page", page_id)
        return _record(row)

    def page(self, status: str | None, request: PageRequest) -> Sequence[PageRecord]:
        """See the port."""
        after = request.after
        rows = self._run(
            sql.PAGE_OF_RECORDS,
            status=status,
            after_at=after.at if after else None,
            after_id=after.id if after else None,
            limit=request.limit + 1,
        )
        return [_record(row) for row in rows]

    def text(self, page_id: uuid.UUID) -> StoredText | None:
        """See the port."""
        row = self._run(sql.TEXT, page=page_id).one_or_none()
        if row is None:
            raise NotFoundError("page", page_id)
        return StoredText(row.id, row.text) if row.id is not None and row.status == "completed" else None

    def reopen(self, page_id: uuid.UUID, *, leave_crawl: bool) -> None:
        """See the port."""
        self._run(sql.REOPEN, page=page_id, leave=leave_crawl)

    def delete(self, page_id: uuid.UUID) -> DeletedFile:
        """See the port."""
        row = self._run(sql.DELETE, page=page_id).one_or_none()
        if row is None:
            raise NotFoundError("page", page_id)
        jobs = redact_quotes(self._session, self._tenant_id, page_id)
        gone = row.text_id is not None and self._drop(row.text_id)
        return DeletedFile(None, row.text_id if gone else None, jobs)

    def lock(self, page_id: uuid.UUID) -> PageState | None:
        """See the port."""
        row = self._run(sql.LOCK, page=page_id).one_or_none()
        if row is None:
            return None
        seconds = float(row.claim_seconds or 0)
        return PageState(FileStatus(row.status), row.attempts, seconds, row.job_id, row.cancelled)

    def claim(self, page_id: uuid.UUID, take: TakePage, message_id: str, seconds: float) -> PageClaim:
        """See the port."""
        row = self._run(
            sql.CLAIM, page=page_id, attempt=take.attempt, message=message_id[:100], seconds=seconds
        ).one()
        place = None
        if row.most_depth is not None:
            place = CrawlPlace(Follow(row.most_depth, row.max_pages, row.same_host), row.depth)
        return PageClaim(
            self._tenant_id,
            page_id,
            row.user_id,
            row.attempts,
            row.claimed_until,
            row.url,
            row.etag,
            row.last_modified,
            place,
        )

    def complete(self, claim: PageClaim, ready: ReadyPage) -> ScrapedPage:
        """See the port."""
        if not self._took_effect(sql.HOLD_TEXT, text=ready.text_id):
            remove_vectors(self._session, self._tenant_id, ready.text_id)  # ours may have come since
            return ScrapedPage(Completion(done=False, text_gone=True))
        crawl = lock_crawl(self._session, claim)
        before = self._run(sql.HELD, **_fence(claim)).one_or_none()
        if before is None:
            return ScrapedPage(self._not_ours(claim, ready))
        self._run(
            sql.COMPLETE,
            **_fence(claim),
            text=ready.text_id,
            size=ready.size,
            media_type=ready.media_type,
            etag=ready.etag,
            last_modified=ready.last_modified,
        )
        replaced = before.text_id if before.text_id not in (None, ready.text_id) else None
        dropped = (replaced,) if replaced is not None and self._drop(replaced) else ()
        found = grow_crawl(self._session, crawl, claim, ready) if crawl is not None else ()
        return ScrapedPage(Completion(done=True, dropped_texts=dropped), found)

    def _not_ours(self, claim: PageClaim, ready: ReadyPage) -> Completion:
        """The claim was lost. A page that was deleted meanwhile takes its text along."""
        deleted = not self._took_effect(sql.EXISTS, page=claim.page_id)
        dropped = deleted and self._drop(ready.text_id)
        return Completion(done=False, dropped_texts=(ready.text_id,) if dropped else ())

    def keep(self, claim: PageClaim) -> bool:
        """See the port."""
        return self._took_effect(sql.END_HELD, **_fence(claim), error=None, keep=True)

    def fail(self, claim: PageClaim, error: ProcessingError, *, keep_text: bool) -> bool:
        """See the port."""
        return self._took_effect(sql.END_HELD, **_fence(claim), error=error.to_text(), keep=keep_text)

    def release(self, claim: PageClaim, error: ProcessingError, delay_seconds: int) -> bool:
        """See the port."""
        return self._took_effect(sql.RELEASE, **_fence(claim), error=error.to_text(), seconds=delay_seconds)

    def abandon(self, page_id: uuid.UUID, error: ProcessingError) -> bool:
        """See the port."""
        return self._took_effect(sql.END_UNFINISHED, page=page_id, error=error.to_text(), keep=True)

    def _drop(self, text_id: uuid.UUID) -> bool:
        return drop_unused_text(self._session, self._tenant_id, text_id)


def _fence(claim: PageClaim) -> dict[str, Any]:
    """What must still hold for a worker's write: the row is in the hands of this very claim."""
    return {"page": claim.page_id, "attempt": claim.attempt, "until": claim.until}


def _record(row: Row[Any]) -> PageRecord:
    values = row._asdict()
    del values["url_key"]
    return PageRecord(**values)
