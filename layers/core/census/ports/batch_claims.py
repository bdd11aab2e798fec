"""Batches as a worker claims them: what is to be read, for whom, and what may be spent on it."""

import datetime as dt
import uuid
from dataclasses import dataclass
from decimal import Decimal

from census.domain.plan import JsonObject


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
    """A batch that is ours until the claim expires. `attempts` counts this one, `times_busy` the waits.

    `tokens` is the estimate it was cut by; `reserved_usd` what the claim holds of its job's money for it;
    `user_id` whose job it is; `since` when the job's run began. `failed_calls`: how often it came back after
    a call.
    """

    key: BatchKey
    claim: uuid.UUID
    attempts: int
    atoms: tuple[str, ...]
    windows: tuple[ClaimedWindow, ...]
    plan: JsonObject
    tokens: int = 0
    times_busy: int = 0
    reserved_usd: Decimal = Decimal(0)
    user_id: uuid.UUID | None = None
    since: dt.datetime | None = None
    failed_calls: int = 0

    @property
    def comes_again(self) -> bool:
        """Whether its next call repeats one that failed."""
        return self.failed_calls > 0


@dataclass(frozen=True)
class BatchPrice:
    """What the most expensive likely reading of a batch costs, in US dollars: so much and so much a token."""

    a_batch: Decimal = Decimal(0)
    a_token: Decimal = Decimal(0)


@dataclass(frozen=True)
class Claims:
    """What became of the batches asked for. Those that ended, or that another has, are in none of these.

    suspects      their last claim died among others: each must be claimed alone
    crashed       their claims died three times, twice alone: nobody should try again
    unaffordable  the money left is reserved by other claims, which may leave something over
    stopped       jobs that money ended: what was open is skipped, and nothing remains
    """

    batches: tuple[ClaimedBatch, ...] = ()
    suspects: tuple[BatchKey, ...] = ()
    crashed: tuple[BatchKey, ...] = ()
    unaffordable: tuple[BatchKey, ...] = ()
    stopped: tuple[uuid.UUID, ...] = ()
