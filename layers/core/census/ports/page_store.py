"""Pages from the web: as people see them and as scraping moves them, within one tenant and transaction."""

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from census.domain.crawl import CrawlPlace, Follow
from census.domain.cursor import PageRequest
from census.domain.identity import Caller
from census.domain.page_claims import PageState, TakePage
from census.domain.processing_error import ProcessingError
from census.ports.file_store import DeletedFile, StoredText
from census.ports.ingest_store import Completion


@dataclass(frozen=True)
class NewPages:
    """Pages to fetch, `due_in` seconds from now each; links are followed where `crawl_id` is given."""

    user_id: uuid.UUID
    due_in: Sequence[tuple[str, float]]
    crawl_id: uuid.UUID | None = None


@dataclass(frozen=True)
class PageRecord:
    """A page as it stands; `processing_error` is the column's text."""

    id: uuid.UUID
    url: str
    title: str | None
    content_type: str | None
    size: int | None
    status: str
    job_id: str | None
    processing_error: str | None
    crawl_id: uuid.UUID | None
    passages: int | None
    tokens: int | None
    created_at: dt.datetime
    updated_at: dt.datetime


@dataclass(frozen=True)
class PageClaim:
    """A page that is ours until `until`; `until` and `attempt` fence out a worker that lost it.

    `etag` and `last_modified` only where the page has a text; `place` only within a crawl that goes on.
    """

    tenant_id: uuid.UUID
    page_id: uuid.UUID
    user_id: uuid.UUID
    attempt: int
    until: dt.datetime
    url: str
    etag: str | None
    last_modified: str | None
    place: CrawlPlace | None

    @property
    def owner(self) -> Caller:
        """Whose document it is."""
        return Caller(self.user_id, self.tenant_id)


@dataclass(frozen=True)
class ReadyPage:
    """What is known of a page once it is processed; `links` become pages of the crawl."""

    text_id: uuid.UUID
    size: int
    media_type: str
    etag: str | None
    last_modified: str | None
    links: Sequence[str] = ()
    polite_seconds: float = 1.0


@dataclass(frozen=True)
class DuePage:
    """A page made or reopened by a crawl, and in how many seconds it is due."""

    page_id: uuid.UUID
    seconds: float


@dataclass(frozen=True)
class ScrapedPage:
    """How a completion ended, and the pages the crawl goes on with."""

    completion: Completion
    found: Sequence[DuePage] = ()


class PageStore(Protocol):
    """Writes of a worker take effect only while its claim holds; each tells whether it did."""

    def start_crawl(self, user_id: uuid.UUID, follow: Follow) -> uuid.UUID:
        """Make a crawl; its id."""
        ...

    def cancel_crawl(self, crawl_id: uuid.UUID, error: ProcessingError) -> int:
        """Stop a crawl: pages not begun fail with `error` or keep the text they have; how many.

        Raises NotFoundError.
        """
        ...

    def put(self, new: NewPages) -> Sequence[PageRecord]:
        """Make the rows, `pending`, in the order given. A known URL is its row: fetched again, unless that is
        under way already."""
        ...

    def get(self, page_id: uuid.UUID, *, lock: bool = False) -> PageRecord:
        """A page, with `lock` until the transaction ends. Raises NotFoundError."""
        ...

    def page(self, status: str | None, request: PageRequest) -> Sequence[PageRecord]:
        """Newest first by (created_at, id), at most `limit` + 1 rows: the last tells that more follow."""
        ...

    def text(self, page_id: uuid.UUID) -> StoredText | None:
        """The extracted text; None unless the page is completed. Raises NotFoundError."""
        ...

    def reopen(self, page_id: uuid.UUID, *, leave_crawl: bool) -> None:
        """Back to `pending`, its error forgotten; out of its crawl if that was cancelled or on request."""
        ...

    def delete(self, page_id: uuid.UUID) -> DeletedFile:
        """Delete the row and what only it needs, redact its quotes; what is left to be done.

        Raises NotFoundError.
        """
        ...

    def lock(self, page_id: uuid.UUID) -> PageState | None:
        """The page's state, locked until the transaction ends; None for an unknown or deleted page."""
        ...

    def claim(self, page_id: uuid.UUID, take: TakePage, message_id: str, seconds: float) -> PageClaim:
        """Make the locked page `processing`, ours for `seconds`."""
        ...

    def complete(self, claim: PageClaim, ready: ReadyPage) -> ScrapedPage:
        """Show the text to readers and go on with the crawl, in one step."""
        ...

    def keep(self, claim: PageClaim) -> bool:
        """Show the text the page has already: it did not change."""
        ...

    def fail(self, claim: PageClaim, error: ProcessingError, *, keep_text: bool) -> bool:
        """Make the page `failed`; or, with `keep_text`, `completed` with the error where it has a text."""
        ...

    def release(self, claim: PageClaim, error: ProcessingError, delay_seconds: int) -> bool:
        """Make the page `pending` again, with the reason; `delay_seconds` until its next attempt is due."""
        ...

    def abandon(self, page_id: uuid.UUID, error: ProcessingError) -> bool:
        """End an unfinished page whoever holds it: `failed`, or `completed` where it has a text."""
        ...
