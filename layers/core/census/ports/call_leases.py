"""The model's capacity, shared by all workers: calls in flight, calls and tokens a minute, repeats.

What is leased expires, and what is in use is derived from the leases, so that nothing can leak.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True)
class RepeatRules:
    """How many calls that failed may be made once more, over all workers, each model for itself.

    A token bucket: a first call puts `share` of a repeat into it, up to `most`; a repeat takes one, and gives
    it back when it is answered. Time fills it to `least` only, `a_minute` of them each minute: at that pace a
    job goes on through an outage, whatever was lost before. So at most `least` + `share` × first calls +
    `a_minute` × minutes repeats can fail.
    """

    share: float = 0.1
    least: float = 10
    most: float = 100
    a_minute: float = 12


@dataclass(frozen=True)
class CallLimits:
    """What the model may be asked by everybody together. None: the vendor sets no such limit."""

    calls_in_flight: int
    requests_a_minute: int | None = None
    tokens_a_minute: int | None = None
    repeats: RepeatRules = field(default_factory=RepeatRules)

    @property
    def rated(self) -> bool:
        """Whether every single call has to be asked for."""
        return self.requests_a_minute is not None or self.tokens_a_minute is not None


@dataclass(frozen=True)
class LeaseRequest:
    """What a holder needs. `running` calls go on, `wanted` would begin, `extra` follow within a running one.

    `first` of the wanted were never asked for before; `again` of the wanted and `extra_again` of the extra
    repeat a call that failed. `tokens`: of an average call. `seconds`: how long the lease holds unless it is
    given back. `pause_seconds`: the vendor said to wait; nobody starts a call for so long. `call_seconds`:
    how long calls took; 0 for not known.
    """

    model: str
    holder: uuid.UUID
    running: int
    wanted: int
    seconds: int
    extra: int = 0
    tokens: int = 0
    pause_seconds: float = 0.0
    first: int = 0
    again: int = 0
    extra_again: int = 0
    call_seconds: float = 0.0


@dataclass(frozen=True)
class LeaseGrant:
    """What may start: the first call in `first_in` seconds, each further one `step` seconds later.

    `again` and `extra_again` are the repeats that the budget allows; the others are not to be made.
    `ask_again_in`: when to look for what was not granted. `crowded`: others will not find what they want, so
    calls that ended should be given back soon. `over`: of the jobs asked about, those that are not being
    processed any more.
    """

    calls: int
    extra: int = 0
    again: int = 0
    extra_again: int = 0
    first_in: float = 0.0
    step: float = 0.0
    ask_again_in: float = 0.0
    crowded: bool = False
    over: frozenset[uuid.UUID] = frozenset()


@dataclass(frozen=True)
class CallsEnded:
    """What a holder still needs of its lease, and the repeats to give back: answered, or never made."""

    model: str
    holder: uuid.UUID
    running: int
    repeats_back: float = 0.0


class CallLeases(Protocol):
    """Leases calls of models to claims."""

    def lease(self, request: LeaseRequest, limits: CallLimits) -> LeaseGrant:
        """Put this in place of what the holder had, as far as the limits allow, in one statement."""
        ...

    def settle(self, ended: CallsEnded, limits: CallLimits) -> None:
        """Give back what is not needed, in one statement."""
        ...

    def give_back(self, holder: uuid.UUID) -> None:
        """End a lease."""
        ...


class CallExchange(Protocol):
    """Leases in transactions of their own, one statement each, for those who wait."""

    def exchange_calls(
        self, tenant_id: uuid.UUID, jobs: Sequence[uuid.UUID], request: LeaseRequest, limits: CallLimits
    ) -> LeaseGrant:
        """As CallLeases.lease; the grant also tells which of these jobs are over."""
        ...
