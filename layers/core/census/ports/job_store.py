"""Jobs and what they are made of, as one transaction of one tenant sees them."""

import datetime as dt
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Protocol

from census.domain.jobs import JobPhase, JobStatus
from census.domain.plan import Filters, JsonObject, Plan
from census.ports.batch_claims import BatchKey, BatchPrice, ClaimedBatch, ClaimedWindow, Claims
from census.ports.batch_store import (
    BatchRecord,
    BatchStore,
    Late,
    LeaseLeft,
    Recorded,
    Release,
    Spending,
)
from census.ports.item_store import (
    AtomRead,
    Content,
    ContentToJudge,
    ItemRow,
    ItemStore,
    JudgedItem,
    StoredReading,
    UnreadContent,
)

__all__ = [
    "AtomRead",
    "BatchKey",
    "BatchPrice",
    "BatchRecord",
    "BatchStore",
    "ClaimedBatch",
    "ClaimedWindow",
    "Claims",
    "Content",
    "ContentToJudge",
    "Dispatch",
    "ItemRow",
    "ItemStore",
    "Job",
    "JobQuestion",
    "JobStore",
    "JobToOpen",
    "JudgedItem",
    "Late",
    "LeaseLeft",
    "Recorded",
    "Release",
    "Spending",
    "StoredReading",
    "UnreadContent",
]


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
    mapping_since: dt.datetime | None
    planned_tokens: int
    read_tokens: int
    shown_at: dt.datetime | None
    deadline_at: dt.datetime | None
    stopped_by: str | None
    progress: float
    total_items: int
    processed_items: int
    total_batches: int
    processed_batches: int
    failed_batches: int
    calls: int
    spent_usd: Decimal
    reserved_usd: Decimal
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

    def charge(self, job_id: uuid.UUID, spent: Spending) -> None:
        """Add to what the job has cost."""
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
