"""What the calls of a claim brought, until it is recorded: when that is due, and what it settles."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from time import monotonic

from census.application.read_batch import BatchReading
from census.ports.job_store import BatchKey, ClaimedBatch

EARLY_SHARE = 0.8
EARLY_PATIENCE_SECONDS = 2.0
PATIENCE_IN_A_CROWD_SECONDS = 4.0
"""While calls wait for capacity all take longer, and each recording costs two statements."""

Results = list[tuple[ClaimedBatch, BatchReading]]


@dataclass
class FinishedBatches:
    """Batches that are read, of `total`; `done` counts also those that broke."""

    total: int
    done: int = 0
    _held: dict[BatchKey, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    _finished: Results = field(default_factory=list)
    _ripe_at: float | None = None

    def __bool__(self) -> bool:
        return bool(self._finished)

    @property
    def ripe_at(self) -> float | None:
        """When what is there should be recorded, if nothing else is."""
        return self._ripe_at

    def hold(self, batches: Sequence[ClaimedBatch]) -> None:
        """As much money again was reserved for each of these; their recording settles it."""
        for batch in batches:
            self._held[batch.key] += batch.reserved_usd

    def add(self, batch: ClaimedBatch, reading: BatchReading) -> None:
        """A batch that is read, as far as it goes."""
        held = self._held.pop(batch.key, Decimal(0))
        self._finished.append((replace(batch, reserved_usd=batch.reserved_usd + held), reading))
        self.done += 1

    def ripe(self, slow: bool) -> bool:
        """Whether what is there should not wait for the rest any longer, which is `slow`."""
        few_left = self.done >= self.total * EARLY_SHARE
        if self._ripe_at is None and self._finished and (slow or few_left):
            patience = EARLY_PATIENCE_SECONDS if few_left else PATIENCE_IN_A_CROWD_SECONDS
            self._ripe_at = monotonic() + patience
        return self._ripe_at is not None and monotonic() >= self._ripe_at

    def take(self) -> Results:
        """All that is there, to be recorded."""
        taken, self._finished, self._ripe_at = self._finished, [], None
        return taken
