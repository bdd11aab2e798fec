"""The pinned documents of jobs and what was read of them, as one transaction of one tenant sees them."""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Protocol

from census.domain.plan import Filters, JsonObject, Kind


@dataclass(frozen=True)
class Content:
    """A distinct content: the ordinal of its first item, its windows as stored, how many items share it."""

    lead: int
    content_hash: str
    windows: list[list[Any]]
    items: int = 1


@dataclass(frozen=True)
class ItemToJudge:
    """A pinned document without a class yet. `windows` is None when the source was deleted meanwhile."""

    ordinal: int
    lead: int
    content_hash: str
    page_starts: list[int]
    windows: list[list[Any]] | None


@dataclass(frozen=True)
class JudgedItem:
    """A document's class and typed values, ready for SQL to aggregate."""

    ordinal: int
    status: str
    reason: str | None = None
    group_key: str | None = None
    measure: Decimal | None = None
    measure_unit: str | None = None
    fields: JsonObject = field(default_factory=dict)
    quotes: list[JsonObject] = field(default_factory=list)


@dataclass(frozen=True)
class ItemRow:
    """A judged document as `rows` and citations show it."""

    ordinal: int
    source_kind: str
    source_id: uuid.UUID
    source_name: str
    status: str | None
    reason: str | None
    fields: JsonObject | None
    quotes: list[JsonObject]


@dataclass(frozen=True)
class StoredReading:
    """A cached reading: content, window, atom, and what was read."""

    content_hash: str
    window_key: str
    atom_key: str
    reading: JsonObject


class ItemStore(Protocol):
    """The pinned documents of jobs, their cached readings, and the figures SQL makes of them."""

    def pin(self, job_id: uuid.UUID, filters: Filters) -> None:
        """Pin the collection as it is now, one row a document; what was pinned before is forgotten."""
        ...

    def reopen(self, job_id: uuid.UUID) -> None:
        """Take back the classes of what a retry may still read, with the contents as they are now."""
        ...

    def count(self, job_id: uuid.UUID) -> int:
        """Documents pinned."""
        ...

    def preview(self, filters: Filters) -> list[Content | None]:
        """What pinning would pin now, a document each: its content, None where there is nothing to read."""
        ...

    def known(self, content_hashes: Sequence[str], atom_keys: Sequence[str]) -> set[tuple[str, str, str]]:
        """What is read already of some contents: (content hash, window key, atom key)."""
        ...

    def copy(self, from_job: uuid.UUID, to_job: uuid.UUID) -> None:
        """Pin for one job the very documents that another one pinned, without their classes."""
        ...

    def contents(self, job_id: uuid.UUID) -> list[Content]:
        """Every distinct content that has no class yet, in order."""
        ...

    def cached(self, job_id: uuid.UUID, atom_keys: Sequence[str]) -> set[tuple[str, str, str]]:
        """What is read already: (content hash, window key, atom key)."""
        ...

    def to_judge(self, job_id: uuid.UUID, limit: int) -> list[ItemToJudge]:
        """The next documents without a class."""
        ...

    def readings(self, content_hashes: Sequence[str], atom_keys: Sequence[str]) -> list[StoredReading]:
        """The cached readings of some contents."""
        ...

    def settle(self, job_id: uuid.UUID, judged: Iterable[JudgedItem]) -> None:
        """Write classes and values; a document that has a class keeps it."""
        ...

    def classes(self, job_id: uuid.UUID) -> dict[tuple[str, str | None], int]:
        """Documents by (class, reason)."""
        ...

    def aggregate(self, job_id: uuid.UUID, kind: Kind, order: str, limit: int | None) -> list[list[Any]]:
        """The rows of the figures for a kind, by SQL: groups and counts, or units and measures."""
        ...

    def rows(self, job_id: uuid.UUID, after: int, limit: int, *, matches_only: bool = False) -> list[ItemRow]:
        """Judged documents in order, after an ordinal."""
        ...
