"""The batches of one job in memory, as plain as can be: what the store's statements must do to them.

test_interleavings.py compares it with the real store, statement by statement.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

TRIES_ALONE = 2


@dataclass(frozen=True)
class Batch:
    """`state`: free, held, lapsed, or sent (lapsed, and its message was sent again). `claimed`: ever."""

    outcome: str = ""
    state: str = "free"
    claimed: bool = False
    crashes: int = 0


@dataclass(frozen=True)
class Rows:
    """The job, and its batches by ordinal from 1."""

    remaining: int
    done: int
    failed: int
    signalled: bool
    batches: tuple[Batch, ...]


@dataclass(frozen=True)
class Claimed:
    """Ordinals; see census.ports.batch_store.Claims."""

    taken: tuple[int, ...]
    suspects: tuple[int, ...]
    crashed: tuple[int, ...]


class Statements(Protocol):
    """The transactions of the engine on one dispatched job."""

    def rows(self) -> Rows:
        """What is there now."""
        ...

    def claim(self, ordinals: Sequence[int]) -> Claimed:
        """See BatchStore.claim."""
        ...

    def record(self, ordinals: Sequence[int], outcome: str) -> bool:
        """See BatchStore.record; whether this call completed the job."""
        ...

    def pending(self) -> bool:
        """Whether a signal is due."""
        ...

    def mark_signalled(self) -> None:
        """The signal was sent."""
        ...

    def lapse(self) -> None:
        """The time of all claims is up."""
        ...

    def send_lost(self) -> tuple[int, ...]:
        """Batches whose claim lapsed, which are now sent again."""
        ...


@dataclass
class ReferenceStatements:
    """Implements Statements."""

    now: Rows

    def rows(self) -> Rows:
        """See Statements."""
        return self.now

    def claim(self, ordinals: Sequence[int]) -> Claimed:
        """See Statements."""
        ways: dict[str, list[int]] = {"taken": [], "suspects": [], "crashed": []}
        for ordinal in ordinals:
            batch = self.now.batches[ordinal - 1]
            if batch.outcome or batch.state == "held":
                continue
            if batch.claimed and len(ordinals) > 1:
                ways["suspects"].append(ordinal)
            elif batch.claimed and batch.crashes >= TRIES_ALONE:
                ways["crashed"].append(ordinal)
            else:
                ways["taken"].append(ordinal)
                self._set(
                    ordinal, replace(batch, state="held", claimed=True, crashes=batch.crashes + batch.claimed)
                )
        return Claimed(*(tuple(ways[way]) for way in ("taken", "suspects", "crashed")))

    def record(self, ordinals: Sequence[int], outcome: str) -> bool:
        """See Statements."""
        written = [ordinal for ordinal in ordinals if not self.now.batches[ordinal - 1].outcome]
        for ordinal in written:
            self._set(ordinal, replace(self.now.batches[ordinal - 1], outcome=outcome, state="free"))
        left, now = self.now.remaining - len(written), self.now
        counted = {outcome: getattr(now, outcome) + len(written)}
        self.now = replace(now, remaining=left, **counted)
        return bool(written) and left == 0

    def pending(self) -> bool:
        """See Statements."""
        return self.now.remaining == 0 and not self.now.signalled

    def mark_signalled(self) -> None:
        """See Statements."""
        self.now = replace(self.now, signalled=True)

    def lapse(self) -> None:
        """See Statements."""
        for ordinal, batch in enumerate(self.now.batches, 1):
            if batch.state != "free":
                self._set(ordinal, replace(batch, state="lapsed"))

    def send_lost(self) -> tuple[int, ...]:
        """See Statements."""
        lost = tuple(n for n, batch in enumerate(self.now.batches, 1) if batch.state == "lapsed")
        self._change(lost, "sent")
        return lost

    def _change(self, ordinals: Collection[int], state: str) -> None:
        for ordinal in ordinals:
            self._set(ordinal, replace(self.now.batches[ordinal - 1], state=state))

    def _set(self, ordinal: int, batch: Batch) -> None:
        batches = list(self.now.batches)
        batches[ordinal - 1] = batch
        self.now = replace(self.now, batches=tuple(batches))
