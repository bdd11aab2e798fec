"""Files as people see them, in PostgreSQL. Implements census.ports.file_store.FileStore."""

import uuid
from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    Row,
    and_,
    exists,
    func,
    insert,
    literal,
    literal_column,
    select,
    tuple_,
    union_all,
    update,
)
from sqlalchemy.orm import Session

from census.adapters.postgres.models import NOW, ExtractedText, KnowledgeFile, ScrapedContent
from census.adapters.postgres.source_deletion import delete_file
from census.domain.cursor import PageRequest
from census.domain.errors import NotFoundError
from census.ports.file_store import DeletedFile, DocumentCount, FileRecord, NewFile, StoredText

_STATUS = func.coalesce(KnowledgeFile.status, "completed")


class PostgresFileStore:
    """Files of one tenant within one transaction."""

    def __init__(self, session: Session, tenant_id: uuid.UUID) -> None:
        self._session = session
        self._tenant_id = tenant_id

    def add(self, new: NewFile) -> FileRecord:
        """See the port."""
        self._session.execute(
            insert(KnowledgeFile).values(
                id=new.id,
                user_id=new.user_id,
                filename=new.filename,
                content_type=new.content_type,
                declared_size=new.size,
                replaces=new.replaces,
                tags=list(new.tags),
                object_key=new.object_key,
                status="pending",
                upload_expires_at=NOW + func.make_interval(0, 0, 0, 0, 0, 0, new.upload_expires_in_seconds),
            )
        )
        return self.get(new.id)

    def get(self, file_id: uuid.UUID) -> FileRecord:
        """See the port."""
        row = self._session.execute(self._files().where(KnowledgeFile.id == file_id)).one_or_none()
        if row is None:
            raise NotFoundError("file", file_id)
        return _record(row)

    def get_for_update(self, file_id: uuid.UUID) -> FileRecord:
        """See the port."""
        self._session.execute(
            select(KnowledgeFile.id).where(self._is(file_id)).with_for_update()
        ).one_or_none()
        return self.get(file_id)

    def exists(self, file_id: uuid.UUID) -> bool:
        """See the port."""
        return bool(self._session.scalar(select(exists().where(self._is(file_id)))))

    def page(self, status: str | None, request: PageRequest) -> Sequence[FileRecord]:
        """See the port."""
        query = self._files().order_by(KnowledgeFile.uploaded_at.desc(), KnowledgeFile.id.desc())
        if status is not None:
            query = query.where(status == _STATUS)
        if request.after is not None:
            after = tuple_(literal(request.after.at), literal(request.after.id))
            query = query.where(tuple_(KnowledgeFile.uploaded_at, KnowledgeFile.id) < after)
        return [_record(row) for row in self._session.execute(query.limit(request.limit + 1))]

    def text(self, file_id: uuid.UUID) -> StoredText | None:
        """See the port."""
        row = self._session.execute(
            select(ExtractedText.id, ExtractedText.text, _STATUS.label("status"))
            .select_from(KnowledgeFile)
            .outerjoin(ExtractedText, _HAS_TEXT)
            .where(self._is(file_id))
        ).one_or_none()
        if row is None:
            raise NotFoundError("file", file_id)
        return StoredText(row.id, row.text) if row.id is not None and row.status == "completed" else None

    def reopen(self, file_id: uuid.UUID) -> None:
        """See the port."""
        self._session.execute(
            update(KnowledgeFile)
            .where(self._is(file_id))
            .values(status="pending", processing_error=None, attempts=0, claimed_until=None, updated_at=NOW)
        )

    def delete(self, file_id: uuid.UUID) -> DeletedFile:
        """See the port."""
        deleted = delete_file(self._session, self._tenant_id, file_id)
        if deleted is None:
            raise NotFoundError("file", file_id)
        return deleted

    def counts(self) -> Sequence[DocumentCount]:
        """See the port."""
        rows = self._session.execute(
            union_all(_counts("file", KnowledgeFile), _counts("page", ScrapedContent)).order_by(
                "kind", "status"
            )
        )
        return [DocumentCount(row.kind, row.status, row.documents) for row in rows]

    def _files(self) -> Any:
        return (
            select(
                KnowledgeFile,
                _STATUS.label("shown_status"),
                ExtractedText.passages,
                ExtractedText.tokens,
                ExtractedText.warnings,
            )
            .outerjoin(ExtractedText, _HAS_TEXT)
            .where(KnowledgeFile.tenant_id == self._tenant_id)
            .execution_options(populate_existing=True)
        )

    def _is(self, file_id: uuid.UUID) -> Any:
        return and_(KnowledgeFile.tenant_id == self._tenant_id, KnowledgeFile.id == file_id)


_HAS_TEXT = and_(
    ExtractedText.tenant_id == KnowledgeFile.tenant_id, ExtractedText.id == KnowledgeFile.text_id
)


def _counts(kind: str, table: type[KnowledgeFile] | type[ScrapedContent]) -> Any:
    # Written out, for a bound parameter in GROUP BY is another expression than the same one in SELECT.
    status = func.coalesce(table.status, literal_column("'completed'")).label("status")
    # An archive that was unpacked is none: its files are.
    is_archive = and_(table.status == "completed", table.content_type == literal_column("'application/zip'"))
    counted = select(literal(kind).label("kind"), status, func.count().label("documents"))
    return counted.where(is_archive.is_not(True)).group_by(status)


def _record(row: Row[Any]) -> FileRecord:
    file: KnowledgeFile = row.KnowledgeFile
    if file.uploaded_at is None or file.updated_at is None:
        raise ValueError(f"the row of file {file.id} has lost its times")
    return FileRecord(
        id=file.id,
        filename=file.filename,
        content_type=file.content_type,
        size=file.size if file.size is not None else file.declared_size,
        status=row.shown_status,
        job_id=file.job_id,
        processing_error=file.processing_error,
        passages=row.passages,
        tokens=row.tokens,
        warnings=row.warnings or [],
        uploaded_at=file.uploaded_at,
        updated_at=file.updated_at,
        received=file.received_at is not None,
    )
