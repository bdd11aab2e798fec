"""Files as ingestion moves them from state to state. Implements census.ports.ingest_store.IngestStore."""

import datetime as dt
import uuid
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, func, select, update
from sqlalchemy.orm import Session

from census.adapters.postgres.models import ExtractedText, KnowledgeFile
from census.adapters.postgres.removals import remove_objects, remove_vectors
from census.adapters.postgres.source_deletion import redact_quotes
from census.adapters.postgres.unpacked_files import add_unpacked
from census.adapters.postgres.unused_texts import drop_unused_text
from census.domain.identity import rows_key, upload_key
from census.domain.processing_error import ProcessingError
from census.domain.upload_claims import FileState, FileStatus, Take
from census.domain.upload_events import IngestRequest
from census.ports.ingest_store import Completion, FileClaim, ReadyFile, UnpackedRow

NOW = func.clock_timestamp()
"""The time of the statement: a transaction may have waited for its row since it began."""


class PostgresIngestStore:
    """Works on the session's transaction; times are the database's."""

    def __init__(self, session: Session, tenant_id: uuid.UUID) -> None:
        self._session = session
        self._tenant_id = tenant_id

    def lock(self, file_id: uuid.UUID) -> FileState | None:
        """See the port."""
        left = func.extract("epoch", KnowledgeFile.claimed_until - NOW)
        row = self._session.execute(
            select(
                KnowledgeFile.status,
                KnowledgeFile.attempts,
                left,
                KnowledgeFile.job_id,
                KnowledgeFile.sequencer,
                KnowledgeFile.received_at.is_not(None),
            )
            .where(self._is(file_id))
            .with_for_update()
        ).one_or_none()
        if row is None:
            return None
        status, attempts, seconds, message_id, sequencer, received = row
        return FileState(
            FileStatus(status or FileStatus.COMPLETED),
            attempts,
            max(0.0, float(seconds or 0)),
            message_id,
            sequencer,
            received,
        )

    def claim(self, request: IngestRequest, take: Take, message_id: str, seconds: float) -> FileClaim:
        """See the port."""
        values = {
            "status": FileStatus.PROCESSING,
            "attempts": take.attempt,
            "claimed_until": NOW + dt.timedelta(seconds=seconds),
            "job_id": message_id[:100],
            "updated_at": NOW,
            "received_at": func.coalesce(KnowledgeFile.received_at, NOW),
            "object_key": upload_key(request.tenant_id, request.file_id),
            "processing_error": None,
            **(_object_columns(request) if take.new_bytes else {}),
        }
        row = self._session.execute(
            update(KnowledgeFile)
            .where(self._is(request.file_id))
            .values(values)
            .returning(
                KnowledgeFile.user_id,
                KnowledgeFile.attempts,
                KnowledgeFile.claimed_until,
                KnowledgeFile.filename,
                KnowledgeFile.content_type,
                KnowledgeFile.declared_size,
                KnowledgeFile.size,
                KnowledgeFile.object_key,
                KnowledgeFile.object_version,
                KnowledgeFile.replaces,
            )
        ).one()
        fields: tuple[Any, ...] = tuple(row)
        return FileClaim(request.tenant_id, request.file_id, *fields)

    def add_unpacked(self, claim: FileClaim, row: UnpackedRow) -> bool | None:
        """See the port."""
        return add_unpacked(self._session, claim, row)

    def complete(self, claim: FileClaim, ready: ReadyFile) -> Completion:
        """See the port."""
        text = select(ExtractedText.id).where(self._is_text(ready.text_id)).with_for_update(key_share=True)
        if self._session.execute(text).one_or_none() is None:
            remove_vectors(self._session, self._tenant_id, ready.text_id)  # ours may have come since
            return Completion(done=False, text_gone=True)
        before = self._session.execute(
            select(KnowledgeFile.text_id).where(_holds(claim)).with_for_update()
        ).one_or_none()
        if before is None:
            return self._not_ours(claim, ready)
        self._session.execute(
            _change(claim, FileStatus.COMPLETED).values(
                text_id=ready.text_id, size=ready.size, content_type=ready.media_type, processed_at=NOW
            )
        )
        keys, texts = self._delete_replaced(claim.file_id)
        if keys:
            remove_objects(self._session, self._tenant_id, keys)
        unused = {before.text_id, *texts} - {None, ready.text_id}
        dropped = tuple(text_id for text_id in sorted(unused) if self._drop_text(text_id))
        return Completion(done=True, replaced_keys=keys, dropped_texts=dropped)

    def _not_ours(self, claim: FileClaim, ready: ReadyFile) -> Completion:
        """The claim was lost. A file that was deleted meanwhile takes its text along."""
        deleted = self._session.execute(select(KnowledgeFile.id).where(self._is(claim.file_id))).one_or_none()
        dropped = deleted is None and self._drop_text(ready.text_id)
        return Completion(done=False, dropped_texts=(ready.text_id,) if dropped else ())

    def _delete_replaced(self, file_id: uuid.UUID) -> tuple[tuple[str, ...], set[uuid.UUID | None]]:
        """Delete every earlier version of a file, also where a version between them was never processed."""
        first = select(KnowledgeFile.replaces.label("id")).where(self._is(file_id))
        chain = first.cte("chain", recursive=True)
        chain = chain.union(
            select(KnowledgeFile.replaces).where(
                KnowledgeFile.tenant_id == self._tenant_id, KnowledgeFile.id == chain.c.id
            )
        )
        gone = self._session.execute(
            delete(KnowledgeFile)
            .where(
                KnowledgeFile.tenant_id == self._tenant_id,
                KnowledgeFile.id.in_(select(chain.c.id).where(chain.c.id.is_not(None))),
                KnowledgeFile.id != file_id,
            )
            .returning(KnowledgeFile.id, KnowledgeFile.object_key, KnowledgeFile.text_id)
        ).all()
        jobs = {job for row in gone for job in redact_quotes(self._session, self._tenant_id, row.id)}
        exports = [rows_key(self._tenant_id, job) for job in sorted(jobs)]
        keys = [row.object_key for row in gone if row.object_key]
        return (*keys, *exports), {row.text_id for row in gone}

    def _drop_text(self, text_id: uuid.UUID) -> bool:
        return drop_unused_text(self._session, self._tenant_id, text_id)

    def fail(self, claim: FileClaim, error: ProcessingError) -> bool:
        """See the port."""
        change = _change(claim, FileStatus.FAILED)
        return self._took_effect(change.values(processing_error=error.to_text(), processed_at=NOW))

    def release(self, claim: FileClaim, error: ProcessingError, delay_seconds: int) -> bool:
        """See the port. A pending row's `claimed_until` is when its next attempt is due."""
        due = NOW + dt.timedelta(seconds=delay_seconds)
        change = _change(claim, FileStatus.PENDING)
        return self._took_effect(change.values(processing_error=error.to_text(), claimed_until=due))

    def abandon(self, file_id: uuid.UUID, error: ProcessingError) -> bool:
        """See the port."""
        open_states = (FileStatus.PENDING, FileStatus.PROCESSING)
        return self._end(and_(self._is(file_id), KnowledgeFile.status.in_(open_states)), error)

    def receive(self, file_id: uuid.UUID) -> bool:
        """See the port."""
        received = update(KnowledgeFile).where(self._awaits(file_id)).values(received_at=NOW, updated_at=NOW)
        return self._took_effect(received.returning(KnowledgeFile.id))

    def expire(self, file_id: uuid.UUID, error: ProcessingError) -> bool:
        """See the port."""
        return self._end(and_(self._awaits(file_id), KnowledgeFile.upload_expires_at < NOW), error)

    def _awaits(self, file_id: uuid.UUID) -> ColumnElement[bool]:
        pending = KnowledgeFile.status == FileStatus.PENDING
        return and_(self._is(file_id), pending, KnowledgeFile.received_at.is_(None))

    def _end(self, which: ColumnElement[bool], error: ProcessingError) -> bool:
        return self._took_effect(
            update(KnowledgeFile)
            .where(which)
            .values(
                status=FileStatus.FAILED,
                processing_error=error.to_text(),
                claimed_until=None,
                updated_at=NOW,
                processed_at=NOW,
            )
            .returning(KnowledgeFile.id)
        )

    def _took_effect(self, statement: Any) -> bool:
        return self._session.execute(statement).one_or_none() is not None

    def _is(self, file_id: uuid.UUID) -> ColumnElement[bool]:
        return and_(KnowledgeFile.tenant_id == self._tenant_id, KnowledgeFile.id == file_id)

    def _is_text(self, text_id: uuid.UUID) -> ColumnElement[bool]:
        return and_(ExtractedText.tenant_id == self._tenant_id, ExtractedText.id == text_id)


def _holds(claim: FileClaim) -> ColumnElement[bool]:
    """The fence: the row is in the hands of this very claim, expired or not; nobody took it since."""
    return and_(
        KnowledgeFile.tenant_id == claim.tenant_id,
        KnowledgeFile.id == claim.file_id,
        KnowledgeFile.status == FileStatus.PROCESSING,
        KnowledgeFile.attempts == claim.attempt,
        KnowledgeFile.claimed_until == claim.until,
    )


def _change(claim: FileClaim, status: FileStatus) -> Any:
    return (
        update(KnowledgeFile)
        .where(_holds(claim))
        .values(status=status, claimed_until=None, processing_error=None, updated_at=NOW)
        .returning(KnowledgeFile.id)
    )


def _object_columns(request: IngestRequest) -> dict[str, Any]:
    """The columns that describe the bytes an event reported."""
    uploaded = request.uploaded
    if uploaded is None:
        raise ValueError("only an event brings new bytes")
    return {
        "size": uploaded.size,
        "object_version": uploaded.version,
        "sequencer": uploaded.sequencer,
        "received_at": func.coalesce(uploaded.received_at, NOW),
    }
