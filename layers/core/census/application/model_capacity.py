"""What one invocation holds of one model's capacity: when it asks for more, and when it gives back."""

import random
import uuid
from dataclasses import dataclass, field

from census.ports.call_leases import CallLimits, CallsEnded, LeaseGrant, LeaseRequest

JITTER_SECONDS = 0.15
LONGEST_PAUSE_SECONDS = 60.0


@dataclass
class ModelCapacity:
    """Places for calls of `model`, over the life of one claim. Times are of the monotonic clock.

    `slots` are the calls that were leased and not given back, `running` those of them in use. Without
    `limits` there is always place.
    """

    model: str
    limits: CallLimits | None
    holder: uuid.UUID
    slots: int = 0
    running: int = 0
    crowded: bool = False
    ask_at: float = 0.0
    repeats_back: float = 0.0
    _pause: float = 0.0
    _took: list[float] = field(default_factory=list)

    @property
    def rated(self) -> bool:
        """Whether every single call has to be asked for."""
        return self.limits is not None and self.limits.rated

    @property
    def free(self) -> bool:
        """Whether a call may begin without asking: in the place of one that ended."""
        return self.running < self.slots and not self.rated and not self._pause

    @property
    def held(self) -> bool:
        """Whether there is anything to settle."""
        return self.limits is not None and bool(self.slots or self.repeats_back)

    def begin(self) -> None:
        """A call takes a place."""
        self.running += 1

    def end(self, seconds: float) -> None:
        """A call gives its place back, after so long."""
        self.running -= 1
        if seconds > 0:
            self._took.append(seconds)

    def pause(self, seconds: float) -> None:
        """The vendor asked for patience; the others have to be told."""
        if self.limits is not None:
            self._pause = max(self._pause, min(seconds, LONGEST_PAUSE_SECONDS))

    def due_at(self, waiting: int) -> float | None:
        """When to ask: at once for a pause or to give back; while calls wait, when it was told to."""
        if self._pause:
            return 0.0
        if waiting:
            return self.ask_at
        return 0.0 if self.crowded and self.slots > self.running else None

    def request(self, wanted: int, seconds: float, tokens: int, **further: int) -> LeaseRequest:
        """What to ask for now; what was to be told is told with it."""
        took, self._took = self._took[-1:], self._took[-1:]
        pause, self._pause = self._pause, 0.0
        return LeaseRequest(
            self.model,
            self.holder,
            self.running,
            wanted,
            max(1, round(seconds)),
            tokens=tokens,
            pause_seconds=pause,
            call_seconds=took[0] if took else 0.0,
            **further,
        )

    def take(self, grant: LeaseGrant, now: float) -> None:
        """Places were granted; others were given back."""
        self.slots, self.crowded = self.running + grant.calls, grant.crowded
        jitter = random.uniform(0, JITTER_SECONDS) if self.rated else 0.0
        self.ask_at = now + grant.ask_again_in + jitter

    def ended(self) -> CallsEnded:
        """What is to be settled at a recording; from then on only the calls that run have places."""
        self.slots = self.running
        back, self.repeats_back = self.repeats_back, 0.0
        return CallsEnded(self.model, self.holder, self.running, back)
