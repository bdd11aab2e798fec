"""Files as people see them: made, listed, read, tried again, deleted."""

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from census.domain.cursor import PageRequest


@dataclass(frozen=True)
class NewFile:
    """A file announced but not uploaded. `size` in bytes as declared; `replaces` the version before it."""

    id: uuid.UUID
    user_id: uuid.UUID
    filename: str
    content_type: str | None
    size: int | None
    replaces: uuid.UUID | None
    tags: tuple[str, ...]
    object_key: str
    upload_expires_in_seconds: int


@dataclass(frozen=True)
class FileRecord:
    """A file as it stands. `processing_error` is the column's text; `received` whether its bytes arrived.

    `warnings` say what of it was not read, or read otherwise than declared.
    """

    id: uuid.UUID
    filename: str
    content_type: str | None
    size: int | None
    status: str
    job_id: str | None
    processing_error: str | None
    passages: int | None
    tokens: int | None
    warnings: list[str]
    uploaded_at: dt.datetime
    updated_at: dt.datetime
    received: bool


@dataclass(frozen=True)
class StoredText:
    """The extracted text of a file."""

    text_id: uuid.UUID
    text: str


@dataclass(frozen=True)
class DeletedFile:
    """What a deletion leaves to be done outside the database; `jobs` had the document among their rows."""

    object_key: str | None
    text_id: uuid.UUID | None
    jobs: tuple[uuid.UUID, ...] = ()


@dataclass(frozen=True)
class DocumentCount:
    """How many documents of a kind (`file`, `page`) are in a status."""

    source_kind: str
    status: str
    documents: int


class FileStore(Protocol):
    """Files of one tenant. A missing status reads as completed."""

    def add(self, new: NewFile) -> FileRecord:
        """Make the row, `pending`."""
        ...

    def get(self, file_id: uuid.UUID) -> FileRecord:
        """Raises NotFoundError."""
        ...

    def get_for_update(self, file_id: uuid.UUID) -> FileRecord:
        """The file, locked until the transaction ends. Raises NotFoundError."""
        ...

    def exists(self, file_id: uuid.UUID) -> bool:
        """Whether the tenant has this file."""
        ...

    def page(self, status: str | None, request: PageRequest) -> Sequence[FileRecord]:
        """Newest first by (uploaded_at, id), at most `limit` + 1 rows: the last tells that more follow."""
        ...

    def text(self, file_id: uuid.UUID) -> StoredText | None:
        """The extracted text; None while there is none. Raises NotFoundError."""
        ...

    def reopen(self, file_id: uuid.UUID) -> None:
        """Back to `pending`, its error forgotten."""
        ...

    def delete(self, file_id: uuid.UUID) -> DeletedFile:
        """Delete the row and what only it needs; redact its quotes everywhere. Raises NotFoundError."""
        ...

    def counts(self) -> Sequence[DocumentCount]:
        """How many documents there are, by kind and status."""
        ...
