"""What happened, as a use case notes it within its transaction. A fact is one only when it is committed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from census.domain.jobs import JobStatus


@dataclass(frozen=True)
class JobEnded:
    """A job reached a final state. `classes`: documents by ledger class; `remainder`: those in none."""

    status: JobStatus
    seconds: float
    spent_usd: Decimal
    classes: Mapping[str, int] = field(default_factory=dict)
    remainder: int = 0


@dataclass(frozen=True)
class JobPlanned:
    """A job's collection was pinned: its documents, and those of them that need no call."""

    items: int
    cached: int


@dataclass(frozen=True)
class DocumentProcessed:
    """A file or a page was read, or not. `outcome`: completed, unchanged, again (later), failed."""

    kind: str
    outcome: str


Fact = JobEnded | JobPlanned | DocumentProcessed
