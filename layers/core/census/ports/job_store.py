"""Jobs and what they are made of, as one transaction of one tenant sees them."""

import datetime as dt
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Protocol

from census.domain.batches import Batch
from census.domain.jobs import BatchOutcome, JobPhase, JobStatus
from census.domain.plan import Filters, JsonObject, Kind, Plan


@dataclass(frozen=True)
class JobQuestion:
    """A question as it was asked. Without a plan PlanJob makes one, within these filters."""

    user_id: uuid.UUID
    conversation_id: uuid.UUID
    message_id: uuid.UUID
    question: str
    plan: Plan | None = None
    filters: Filters = field(default_factory=Filters)
    max_cost_usd: Decimal | None = None
    approve_above_usd: Decimal | None = None


@dataclass(frozen=True)
class JobToOpen:
    """A question over the whole collection, to become a row of processing_jobs. Money in US dollars."""

    user_id: uuid.UUID
    conversation_id: uuid.UUID
    message_id: uuid.UUID
    question: str
    plan: JsonObject | None
    filters: JsonObject
    deadline_seconds: int
    cap_usd: Decimal | None = None
    approve_above_usd: Decimal | None = None


@dataclass(frozen=True)
class Job:
    """A row of processing_jobs. Counters of items and batches; times are aware; money in US dollars."""

    id: uuid.UUID
    tenant_id: uuid.UUID
    user_id: uuid.UUID
    conversation_id: uuid.UUID
    message_id: uuid.UUID | None
    job_type: str
    question: str
    status: JobStatus
    phase: JobPhase
    plan: JsonObject | None
    filters: JsonObject
    generation: int
    started_generation: int
    remaining: int | None
    execution_arn: str | None
    pinned_at: dt.datetime | None
    deadline_at: dt.datetime | None
    progress: float
    total_items: int
    processed_items: int
    total_batches: int
    processed_batches: int
    failed_batches: int
    calls: int
    spent_usd: Decimal
    cap_usd: Decimal | None
    approve_above_usd: Decimal | None
    estimated_low_usd: Decimal | None
    estimated_high_usd: Decimal | None
    model: str | None
    result: JsonObject | None
    aggregation_details: JsonObject | None
    intermediate_results: JsonObject | None
    error_message: str | None
    error_details: JsonObject | None
    created_at: dt.datetime
    started_at: dt.datetime | None
    completed_at: dt.datetime | None
    actual_duration_seconds: float | None


@dataclass(frozen=True)
class Dispatch:
    """What storing a task token returned: the generation raised, and the batches without an outcome."""

    generation: int
    remaining: int


class JobStore(Protocol):
    """Rows of processing_jobs. Unknown ids raise NotFoundError."""

    def open(self, new: JobToOpen) -> uuid.UUID:
        """Insert a queued job."""
        ...

    def get(self, job_id: uuid.UUID, *, lock: bool = False) -> Job:
        """One job; `lock` keeps others from changing it until the transaction ends."""
        ...

    def page(
        self,
        user_id: uuid.UUID,
        status: str | None,
        limit: int,
        before: tuple[dt.datetime, uuid.UUID] | None,
    ) -> list[Job]:
        """A user's jobs, newest first."""
        ...

    def change(self, job_id: uuid.UUID, **columns: Any) -> None:
        """Set columns of the row."""
        ...

    def raise_generation(self, job_id: uuid.UUID) -> int:
        """Begin the next generation, to be led by an execution of that name."""
        ...

    def store_token(self, job_id: uuid.UUID, started_generation: int, token: str) -> Dispatch | None:
        """Take the task token of the fan-out, in one statement; None when the job is not that execution's."""
        ...

    def end(self, job_id: uuid.UUID, status: JobStatus, *, answer: str, columns: Mapping[str, Any]) -> None:
        """Write the final state with its time, and the answer into the waiting message."""
        ...


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


@dataclass(frozen=True)
class BatchKey:
    """A batch by its identity."""

    job_id: uuid.UUID
    ordinal: int


@dataclass(frozen=True)
class ClaimedWindow:
    """A window of a claimed batch. `text` is None when the source was deleted; `known` atoms need no call."""

    lead: int
    number: int
    content_hash: str
    window_key: str
    char_start: int
    heading: str
    text: str | None
    known: frozenset[str]


@dataclass(frozen=True)
class ClaimedBatch:
    """A batch that is ours until the claim expires. `attempts` counts this one."""

    key: BatchKey
    claim: uuid.UUID
    attempts: int
    atoms: tuple[str, ...]
    windows: tuple[ClaimedWindow, ...]
    plan: JsonObject


@dataclass(frozen=True)
class BatchRecord:
    """The end of a batch; outcome None when it is to be read again and only its readings are kept.

    `failures`: (lead item, window number, reason) of the windows without a reading.
    """

    key: BatchKey
    outcome: BatchOutcome | None
    reason: str | None = None
    failures: tuple[tuple[int, int, str], ...] = ()
    readings: tuple[StoredReading, ...] = ()


@dataclass(frozen=True)
class Spending:
    """What calls cost a job."""

    calls: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    usd: Decimal = Decimal(0)


@dataclass(frozen=True)
class Recorded:
    """A job after a recording. `completer`: this very statement brought `remaining` to zero."""

    job_id: uuid.UUID
    remaining: int
    completer: bool


@dataclass(frozen=True)
class Release:
    """A batch given back to the queue by its claim. `attempted`: the attempt counts."""

    key: BatchKey
    claim: uuid.UUID
    attempted: bool


class BatchStore(Protocol):
    """Batches: cut, sent, claimed, recorded."""

    def replace_open(self, job_id: uuid.UUID, batches: Sequence[Batch]) -> None:
        """Put new batches in place of those that are not done."""
        ...

    def last_ordinal(self, job_id: uuid.UUID) -> int:
        """The highest ordinal of any batch; 0 without one."""
        ...

    def count_done(self, job_id: uuid.UUID) -> int:
        """How many batches are done."""
        ...

    def unsent(self, job_id: uuid.UUID, generation: int, limit: int) -> list[int]:
        """Open batches not sent under this generation and not being read right now."""
        ...

    def lost(self, job_id: uuid.UUID, unclaimed_for_seconds: int | None, limit: int) -> list[int]:
        """Open batches whose claim expired; and, given a time, those sent longer ago that nobody claimed."""
        ...

    def mark_sent(self, job_id: uuid.UUID, ordinals: Sequence[int], generation: int) -> None:
        """Note that messages for these batches are on their way."""
        ...

    def claim(self, keys: Sequence[BatchKey], lease_seconds: int) -> list[ClaimedBatch]:
        """Take those batches that are open and unclaimed, of jobs that are processing, in one statement."""
        ...

    def record(
        self, records: Sequence[BatchRecord], spending: Mapping[uuid.UUID, Spending]
    ) -> list[Recorded]:
        """Write outcomes, readings and costs and count them, under the jobs' locks."""
        ...

    def release(self, releases: Sequence[Release]) -> None:
        """Give claimed batches back without an outcome."""
        ...

    def windows(self, key: BatchKey) -> list[tuple[int, int]]:
        """The (lead item, window number) pairs of a batch; empty when there is no such batch."""
        ...

    def failures(self, job_id: uuid.UUID) -> dict[tuple[int, int], str]:
        """Why windows have no reading: by (lead item, window number)."""
        ...
