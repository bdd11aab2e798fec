"""The life of a job. docs/state_machine.md draws it; a CHECK ties final states to their time."""

import math
from dataclasses import dataclass
from enum import StrEnum

from census.domain.errors import ConflictError
from census.domain.ledger import Ledger


class JobStatus(StrEnum):
    """Where a job stands. Each value's comment names where it can go."""

    QUEUED = "queued"  # → processing, awaiting_approval, completed (nothing to read), failed, cancelled
    AWAITING_APPROVAL = "awaiting_approval"  # → queued (approved), cancelled, failed (deadline)
    PROCESSING = "processing"  # → completed, partial, failed, cancelled
    COMPLETED = "completed"  # final
    PARTIAL = "partial"  # final; → queued (retried, or the cap raised)
    FAILED = "failed"  # final; → queued (retried)
    CANCELLED = "cancelled"  # final

    @property
    def final(self) -> bool:
        """Whether the job has ended (and `completed_at` is set)."""
        return self in FINAL


FINAL = frozenset({JobStatus.COMPLETED, JobStatus.PARTIAL, JobStatus.FAILED, JobStatus.CANCELLED})

TRANSITIONS: dict[JobStatus, frozenset[JobStatus]] = {
    JobStatus.QUEUED: frozenset(
        {
            JobStatus.PROCESSING,
            JobStatus.AWAITING_APPROVAL,
            JobStatus.COMPLETED,
            JobStatus.FAILED,
            JobStatus.CANCELLED,
        }
    ),
    JobStatus.AWAITING_APPROVAL: frozenset({JobStatus.QUEUED, JobStatus.CANCELLED, JobStatus.FAILED}),
    JobStatus.PROCESSING: FINAL,
    JobStatus.COMPLETED: frozenset(),
    JobStatus.PARTIAL: frozenset({JobStatus.QUEUED}),
    JobStatus.FAILED: frozenset({JobStatus.QUEUED}),
    JobStatus.CANCELLED: frozenset(),
}


class JobPhase(StrEnum):
    """What is being done for a job."""

    QUEUED = "queued"
    PLANNING = "planning"
    MAPPING = "mapping"
    REDUCING = "reducing"
    DONE = "done"


class BatchOutcome(StrEnum):
    """How a batch ended. Every end counts."""

    DONE = "done"
    FAILED = "failed"
    SKIPPED = "skipped"


def check_transition(now: JobStatus, then: JobStatus, doing: str) -> None:
    """Raises ConflictError when a job in state `now` cannot go to `then`; `doing` is the message's verb."""
    if then not in TRANSITIONS[now]:
        raise ConflictError(f"The job is {now.value}; it cannot be {doing}.", now.value)


def final_status(ledger: Ledger, unreadable: int) -> JobStatus:
    """Completed when every document that can be read has a verdict, partial when some have, failed when none.

    `unreadable` documents failed before the job or were deleted during it: no retry helps, so they stand
    in the ledger alone.
    """
    left = ledger.incomplete - unreadable
    if left == 0:
        return JobStatus.COMPLETED
    return JobStatus.PARTIAL if ledger.incomplete < ledger.total else JobStatus.FAILED


MAX_ATTEMPTS = 3
FIRST_BACKOFF_SECONDS = 5
LONGEST_BACKOFF_SECONDS = 120


@dataclass(frozen=True)
class Eta:
    """Seconds until the job is probably done."""

    p50_seconds: int
    p90_seconds: int

    def after(self, seconds: int) -> "Eta":
        """What is left of it so much later."""
        return Eta(max(0, self.p50_seconds - seconds), max(0, self.p90_seconds - seconds))


ETA_TAIL_SECONDS = 10
"""For the slowest last calls and the reduction, in the p90."""


def estimate_eta(elapsed_seconds: float, done_tokens: int, open_tokens: int, done_batches: int) -> Eta | None:
    """The time left at the token throughput so far; None before the first batch.

    The p90 widens the p50 by the error of a mean over the batches so far (a call's time varies by about 70 %
    of itself between the median and the ninetieth percentile) and allows for a slow tail.
    """
    if done_batches <= 0 or done_tokens <= 0:
        return None
    left = elapsed_seconds / done_tokens * open_tokens
    spread = 1.15 + 0.7 / math.sqrt(done_batches)
    return Eta(round(left), round(left * spread + (ETA_TAIL_SECONDS if open_tokens else 0)))


def backoff_seconds(times_busy: int, jitter: float = 1.0) -> int:
    """How long a batch waits after the model was busy, doubling from five seconds to two minutes.

    `jitter` from 0 to 1 takes up to half of it away, so that what was refused together comes back apart.
    """
    longest: float = min(LONGEST_BACKOFF_SECONDS, FIRST_BACKOFF_SECONDS * 2 ** min(times_busy, 10))
    return round(longest * (0.5 + 0.5 * jitter))
