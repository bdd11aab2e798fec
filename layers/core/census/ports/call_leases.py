"""The model's capacity, shared by all workers: calls in flight, and calls and tokens a minute.

What is leased expires, and what is in use is derived from the leases, so that nothing can leak.
"""

import uuid
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class CallLimits:
    """What the model may be asked by everybody together. None: the vendor sets no such limit."""

    calls_in_flight: int
    requests_a_minute: int | None = None
    tokens_a_minute: int | None = None

    @property
    def rated(self) -> bool:
        """Whether every single call has to be asked for."""
        return self.requests_a_minute is not None or self.tokens_a_minute is not None


@dataclass(frozen=True)
class LeaseRequest:
    """What a holder needs. `running` calls go on, `wanted` would begin, `extra` follow within a running one.

    `tokens`: of an average call. `seconds`: how long the lease holds unless it is given back.
    `pause_seconds`: the vendor said to wait; nobody starts a call for so long.
    """

    model: str
    holder: uuid.UUID
    running: int
    wanted: int
    seconds: int
    extra: int = 0
    tokens: int = 0
    pause_seconds: float = 0.0


@dataclass(frozen=True)
class LeaseGrant:
    """What may start: the first call in `first_in` seconds, each further one `step` seconds later.

    `crowded`: others will not find what they want, so calls that ended should be given back soon.
    """

    calls: int
    extra: int = 0
    first_in: float = 0.0
    step: float = 0.0
    ask_again_in: float = 0.0
    crowded: bool = False


class CallLeases(Protocol):
    """Leases calls of models to claims."""

    def lease(self, request: LeaseRequest, limits: CallLimits) -> LeaseGrant:
        """Put this in place of what the holder had, as far as the limits allow, in one statement."""
        ...

    def give_back(self, holder: uuid.UUID) -> None:
        """End a lease."""
        ...
