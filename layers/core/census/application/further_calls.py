"""Calls beyond the first within the reading of a batch: its thread asks, who knows the limits answers."""

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from time import monotonic, sleep

from census.application.read_batch import Call
from census.ports.job_store import ClaimedBatch


@dataclass(eq=False)
class FurtherCall:
    """A call that a batch's thread waits to make. The answer: when it may start, or None for never.

    `counted`: the budget for repeats was asked.
    """

    batch: ClaimedBatch
    call: Call
    start: Future[float | None] = field(default_factory=Future)
    counted: bool = False

    @property
    def repeats(self) -> bool:
        """Whether it asks the same of the same model once more."""
        return self.call is Call.REPEAT or (self.call is Call.SECOND and self.batch.comes_again)

    def allow(self, start: float) -> None:
        """It may start then."""
        self.start.set_result(start)

    def refuse(self) -> None:
        """It is never made."""
        self.start.set_result(None)


@dataclass(frozen=True)
class SecondEnded:
    """A call of the stronger model is over, after so many seconds."""

    seconds: float


@dataclass
class BatchTurn:
    """The calls of one batch, in its thread. The first was granted with the batch's start.

    `free`: whether a further call of this kind need not be asked for; `in_time`: whether one can still end.
    """

    batch: ClaimedBatch
    free: Callable[[Call], bool]
    in_time: Callable[[], bool]
    tell: Callable[[FurtherCall | SecondEnded], None]
    begun: bool = False
    second_since: float | None = None

    def may_call(self, call: Call) -> bool:
        """See census.application.read_batch.MayCall."""
        self.end()
        first, self.begun = not self.begun, True
        if not first and not self.free(call):
            further = FurtherCall(self.batch, call)
            self.tell(further)
            start = further.start.result()
            if start is None:
                return False
            if call is Call.SECOND:
                self.second_since = monotonic()
            sleep(max(0.0, start - monotonic()))
        return self.in_time()

    def end(self) -> None:
        """Give back the place of a call of the stronger model, if it has one."""
        if self.second_since is not None:
            since, self.second_since = self.second_since, None
            self.tell(SecondEnded(monotonic() - since))
