"""The pinned documents of jobs and what was read of them, as one transaction of one tenant sees them."""

import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Protocol

from census.domain.answers import Compared
from census.domain.batches import WindowToRead
from census.domain.findings import Finding
from census.domain.grouping import Group
from census.domain.normal_forms import Spelled
from census.domain.plan import Filters, JsonObject, Plan


@dataclass(frozen=True)
class Content:
    """A distinct content: the ordinal of its first item, its windows as stored, how many items share it."""

    lead: int
    content_hash: str
    windows: list[list[Any]]
    items: int = 1


@dataclass(frozen=True)
class UnreadContent:
    """A content that some cached result is missing for: its lead, its items, the windows to read."""

    lead: int
    items: int
    windows: tuple[WindowToRead, ...]


@dataclass(frozen=True)
class AtomRead:
    """An atom in a content: how many windows were read for it, and the readings that say anything."""

    windows: int
    telling: list[JsonObject]


@dataclass(frozen=True)
class ContentToJudge:
    """A content without a class yet: its lead, its windows, the ordinals of its items.

    `deleted`: the items whose source is gone. `atoms`: what was read, by atom key.
    """

    lead: int
    windows: int
    page_starts: list[int]
    items: list[int]
    deleted: list[int]
    atoms: Mapping[str, AtomRead]


@dataclass(frozen=True)
class JudgedItem:
    """A document's class and typed values, ready for SQL to aggregate."""

    ordinal: int
    status: str
    reason: str | None = None
    group: Group | None = None
    measure: Decimal | None = None
    measure_unit: str | None = None
    fields: JsonObject = field(default_factory=dict)
    quotes: list[JsonObject] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)


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

    def unread(self, job_id: uuid.UUID, atom_keys: Sequence[str]) -> Iterator[list[UnreadContent]]:
        """What no cached result answers yet, in order, some contents at a time."""
        ...

    def begin_judging(self, job_id: uuid.UUID, *, wait: bool) -> bool:
        """Be the only one who judges the job until the transaction ends; False where another one is."""
        ...

    def to_judge(
        self, job_id: uuid.UUID, atom_keys: Sequence[str], limit: int, *, closed: bool = False
    ) -> list[ContentToJudge]:
        """The next contents without a class; `closed`: only those that no open batch waits to read."""
        ...

    def settle(self, job_id: uuid.UUID, judged: Iterable[JudgedItem]) -> None:
        """Write classes and values; a document that has a class keeps it."""
        ...

    def classes(self, job_id: uuid.UUID) -> dict[tuple[str, str | None], int]:
        """Documents by (class, reason)."""
        ...

    def aggregate(self, job_id: uuid.UUID, plan: Plan, order: str) -> list[list[Any]]:
        """The rows of a plan's figures, by SQL, as `domain.answers.columns_of` names them."""
        ...

    def compared(self, job_id: uuid.UUID) -> list[Compared]:
        """Groups with the documents that match and all that have a verdict, largest first."""
        ...

    def spellings(self, job_id: uuid.UUID) -> list[Spelled]:
        """The groups with their spellings, the most frequent ones first."""
        ...

    def rows(self, job_id: uuid.UUID, after: int, limit: int, *, matches_only: bool = False) -> list[ItemRow]:
        """Judged documents in order, after an ordinal."""
        ...
