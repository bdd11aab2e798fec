"""Files as ingestion moves them from state to state, within one tenant and one transaction."""

import datetime as dt
import uuid
from dataclasses import dataclass
from typing import Protocol

from census.domain.identity import Caller
from census.domain.processing_error import ProcessingError
from census.domain.upload_claims import FileState, Take
from census.domain.upload_events import IngestRequest


@dataclass(frozen=True)
class FileClaim:
    """A file that is ours until `until`; `until` and `attempt` fence out a worker that lost it."""

    tenant_id: uuid.UUID
    file_id: uuid.UUID
    user_id: uuid.UUID
    attempt: int
    until: dt.datetime
    filename: str
    content_type: str | None
    declared_size: int | None
    size: int | None
    object_key: str
    object_version: str | None
    replaces: uuid.UUID | None = None

    @property
    def owner(self) -> Caller:
        """Whose document it is."""
        return Caller(self.user_id, self.tenant_id)


@dataclass(frozen=True)
class ReadyFile:
    """What is known of a file once it is processed: its text, its size in bytes and its real type."""

    text_id: uuid.UUID
    size: int
    media_type: str


@dataclass(frozen=True)
class UnpackedRow:
    """A file that came out of an archive. `size` in bytes, None for one that was refused with `error`."""

    id: uuid.UUID
    filename: str
    object_key: str | None
    size: int | None
    replaces: uuid.UUID | None
    error: ProcessingError | None = None


@dataclass(frozen=True)
class Completion:
    """`done` is false where the claim was lost; `text_gone` where the text was deleted meanwhile.

    `replaced_keys` and `dropped_texts` name objects and texts that went because nothing refers to them.
    """

    done: bool
    text_gone: bool = False
    replaced_keys: tuple[str, ...] = ()
    dropped_texts: tuple[uuid.UUID, ...] = ()


class IngestStore(Protocol):
    """Writes of a worker take effect only while its claim holds; each tells whether it did."""

    def lock(self, file_id: uuid.UUID) -> FileState | None:
        """The file's state, locked until the transaction ends; None for an unknown or deleted file."""
        ...

    def claim(self, request: IngestRequest, take: Take, message_id: str, seconds: float) -> FileClaim:
        """Make the locked file `processing`, ours for `seconds`."""
        ...

    def add_unpacked(self, claim: FileClaim, row: UnpackedRow) -> bool | None:
        """Keep a file of the claimed archive, owned and tagged as the archive is; one that is there stays.

        Whether its bytes are still to be stored; None where the claim was lost.
        """
        ...

    def complete(self, claim: FileClaim, ready: ReadyFile) -> Completion:
        """Show the text to readers and delete the versions it replaces, in one step."""
        ...

    def fail(self, claim: FileClaim, error: ProcessingError) -> bool:
        """Make the file `failed`."""
        ...

    def release(self, claim: FileClaim, error: ProcessingError, delay_seconds: int) -> bool:
        """Make the file `pending` again, with the reason; `delay_seconds` until its next attempt is due."""
        ...

    def abandon(self, file_id: uuid.UUID, error: ProcessingError) -> bool:
        """Make an unfinished file `failed` whoever holds it."""
        ...

    def receive(self, file_id: uuid.UUID) -> bool:
        """Note that the bytes of a file are there though no event said so; whether that was news."""
        ...

    def expire(self, file_id: uuid.UUID, error: ProcessingError) -> bool:
        """Make a file `failed` whose upload was not made in time."""
        ...
