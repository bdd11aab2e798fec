"""The batches of jobs: cut, sent, claimed, recorded, as one transaction of one tenant sees them."""

import datetime as dt
import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

from census.domain.batches import Batch
from census.domain.jobs import BatchOutcome
from census.ports.batch_claims import BatchKey, BatchPrice, Claims
from census.ports.item_store import StoredReading


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
    """What calls cost a job. `settled_usd`: so much of its reservations is settled by that.

    `user_id`: who pays for it when the job is gone. `since`: the run of the job that reserved it; another
    run's reservations are not touched.
    """

    calls: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    usd: Decimal = Decimal(0)
    settled_usd: Decimal = Decimal(0)
    user_id: uuid.UUID | None = None
    since: dt.datetime | None = None


@dataclass(frozen=True)
class LeaseLeft:
    """What remains of a lease of model calls: how many of the holder's calls still run."""

    holder: uuid.UUID
    calls: int


@dataclass(frozen=True)
class Recorded:
    """A job after a recording. `completer`: this very statement brought `remaining` to zero.

    `step_due`: the running result should be shown anew, by whoever takes the step.
    """

    job_id: uuid.UUID
    remaining: int
    completer: bool
    step_due: bool = False


@dataclass(frozen=True)
class Release:
    """A batch given back to the queue by its claim. `attempted`: the attempt counts; else it was busy.

    `delay_seconds`: when its new message may be received. `called`: a call was made and did not do.
    """

    key: BatchKey
    claim: uuid.UUID
    attempted: bool
    delay_seconds: int = 0
    called: bool = False


@dataclass(frozen=True)
class Late:
    """How many seconds after a message was due its batch, still unclaimed, counts as lost.

    `come_back`: of a batch that was given back before; `unread`: of one that nobody has read yet.
    """

    come_back: int
    unread: int


class BatchStore(Protocol):
    """Batches: cut, sent, claimed, recorded."""

    def drop_open(self, job_id: uuid.UUID) -> None:
        """Forget the batches that are not done."""
        ...

    def add(self, job_id: uuid.UUID, batches: Sequence[Batch]) -> None:
        """Store new batches."""
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

    def lost(self, job_id: uuid.UUID, late: Late, limit: int) -> list[int]:
        """Open batches whose claim expired, and those whose message has been due for so long."""
        ...

    def mark_sent(self, job_id: uuid.UUID, ordinals: Sequence[int], generation: int) -> None:
        """Note that messages for these batches are on their way."""
        ...

    def postpone(self, key: BatchKey, delay_seconds: int) -> None:
        """Note that the message of an unclaimed batch is due in so many seconds."""
        ...

    def claim(
        self,
        keys: Sequence[BatchKey],
        lease_seconds: int,
        price: BatchPrice = BatchPrice(),  # noqa: B008  # frozen
    ) -> Claims:
        """Take those batches that are open and unclaimed, of jobs that are processing, as far as money goes.

        One statement. What is taken of a job with a cap, or of a user with a budget, is reserved until it is
        settled by a recording; a claim that dies keeps its reservation until its job ends or is planned anew.
        """
        ...

    def record(
        self,
        records: Sequence[BatchRecord],
        spending: Mapping[uuid.UUID, Spending],
        lease: LeaseLeft | None = None,
    ) -> list[Recorded]:
        """Write outcomes, readings and costs and count them, under the jobs' locks, in one statement.

        Spending without records charges a job for other calls. `lease`: calls given back by the way.
        """
        ...

    def over(self, job_ids: Collection[uuid.UUID]) -> set[uuid.UUID]:
        """Those of these jobs that are not being processed any more."""
        ...

    def reserve(self, job_id: uuid.UUID, usd: Decimal) -> bool:
        """Hold more of a job's money for a further call; whether there was as much left."""
        ...

    def take_steps(self, job_ids: Collection[uuid.UUID]) -> list[uuid.UUID]:
        """Of these running jobs, those whose progress is now to be shown, and by nobody else.

        A step is 5 % of the documents, or ten seconds in which it went on at all.
        """
        ...

    def open_tokens(self, job_id: uuid.UUID) -> int:
        """Tokens of the batches without an outcome."""
        ...

    def release(self, releases: Sequence[Release]) -> None:
        """Give claimed batches back without an outcome."""
        ...

    def unrecorded(self, claims: Sequence[tuple[BatchKey, uuid.UUID]]) -> dict[BatchKey, bool]:
        """Of these batches, those that these claims have not recorded; True where the claim still holds.

        Waits for a recording that is under way. A batch that is gone is in none.
        """
        ...

    def windows(self, key: BatchKey) -> list[tuple[int, int]]:
        """The (lead item, window number) pairs of a batch; empty when there is no such batch."""
        ...

    def failures(self, job_id: uuid.UUID) -> dict[int, str]:
        """Why contents could not be read: the reason of the first such window, by lead item."""
        ...
