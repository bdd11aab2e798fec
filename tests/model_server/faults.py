"""Faults by seed: the same request fails the same way at the same attempt, in whatever order they come."""

import random
from dataclasses import dataclass
from enum import StrEnum


class Fault(StrEnum):
    """What can go wrong with a call."""

    MISSING_IDS = "missing_ids"
    RATE_LIMITED = "rate_limited"
    SERVER_ERROR = "server_error"
    BAD_JSON = "bad_json"
    REFUSAL = "refusal"
    CUT = "cut"
    SLOW = "slow"
    DROPPED = "dropped"


ALL_FAULTS = tuple(Fault)


@dataclass(frozen=True)
class FaultPlan:
    """`rate` of all calls for one of `purposes` (read, plan, lookup, fold) fail, by one of `kinds` each.

    `first` attempts of every such request fail surely, if given: that provokes one fault on purpose.
    """

    rate: float = 0.0
    seed: int = 0
    kinds: tuple[Fault, ...] = ALL_FAULTS
    purposes: frozenset[str] = frozenset({"read"})
    first: int = 0
    retry_after_seconds: float = 0.2
    slow_seconds: float = 60.0

    def fault(self, purpose: str, fingerprint: str, attempt: int) -> Fault | None:
        """The fault of this attempt (the first is 1) of this request, or None."""
        if purpose not in self.purposes or not self.kinds:
            return None
        dice = random.Random(f"{self.seed}:{fingerprint}:{attempt}")
        return dice.choice(self.kinds) if dice.random() < self.rate or attempt <= self.first else None


NO_FAULTS = FaultPlan()
