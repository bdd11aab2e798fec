"""Call the model for the batches of a claim: side by side, as many at once as are leased.

One thread talks to the database, the others to the model. While calls wait for capacity, one statement a wave
gives back what ended and asks for more; with capacity for all there is none. A job that is over, a call that
could not end in time and money that ran out keep further calls from starting.
"""

import random
import uuid
from collections import defaultdict, deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field, replace
from decimal import Decimal
from queue import Empty, SimpleQueue
from time import monotonic, sleep

from census.application.map_tools import MapTools
from census.application.read_batch import NO_TIME_LEFT, BatchReading, read_batch
from census.domain.plan import Atom
from census.domain.plan_codec import plan_from_json
from census.domain.readings import cache_key
from census.ports.call_leases import LeaseGrant, LeaseRequest
from census.ports.job_store import BatchKey, ClaimedBatch, LeaseLeft
from census.ports.language_model import LanguageModel
from census.ports.unit_of_work import TenantWork

CALLS_AT_ONCE = 10
EARLY_SHARE = 0.8
EARLY_PATIENCE_SECONDS = 2.0
WAVE_SECONDS = 0.15
LONGEST_WAIT_SECONDS = 2.0
LOOK_SECONDS = 3.0
"""How old the last look at whether the jobs go on may be when a call starts."""

LONGEST_PAUSE_SECONDS = 60.0
JOB_OVER = "The job is not processing any more."
PLAN_CHANGED = "The plan or the model changed after this batch was cut; retry the job."

Results = list[tuple[ClaimedBatch, BatchReading]]


@dataclass(frozen=True)
class CalledClaim:
    """The batches of one claim, all of one tenant; the invocation ends at `ends` on the monotonic clock."""

    tools: MapTools
    tenant_id: uuid.UUID
    batches: Sequence[ClaimedBatch]
    ends: float

    @property
    def latest_call(self) -> float:
        """When the last call may start that can end in time."""
        return self.ends - self.tools.call_seconds

    @property
    def tokens(self) -> int:
        """Of an average batch."""
        return sum(batch.tokens for batch in self.batches) // len(self.batches)


def needs_call(batch: ClaimedBatch) -> bool:
    """Whether the batch has a window whose text is there and lacks a reading."""
    return any(w.text is not None and not w.known.issuperset(batch.atoms) for w in batch.windows)


@dataclass
class _Extra:
    """A further call within the reading of a batch. The answer: when it may start, or None for never."""

    batch: ClaimedBatch
    start: Future[float | None] = field(default_factory=Future)


@dataclass(frozen=True)
class _Done:
    batch: ClaimedBatch
    reading: BatchReading | None
    error: BaseException | None = None


class BatchCalls:
    """The calls of one claim. `broken`: errors that are to be raised when all results are recorded."""

    def __init__(self, claim: CalledClaim, grant: LeaseGrant) -> None:
        self.broken: list[BaseException] = []
        self._claim, self._tools, self._limits = claim, claim.tools, claim.tools.limits
        self._waiting = deque(batch for batch in claim.batches if needs_call(batch))
        self._events: SimpleQueue[_Done | _Extra] = SimpleQueue()
        self._extras: list[_Extra] = []
        self._held: dict[BatchKey, Decimal] = defaultdict(Decimal)
        self._finished: Results = []
        self._running = self._slots = self._done = 0
        self._pause = 0.0
        self._looked = monotonic()
        self._ask_at = 0.0
        self._ripe_at: float | None = None
        self._pool = ThreadPoolExecutor(CALLS_AT_ONCE)
        self._take_grant(grant)
        for batch in claim.batches:
            if not needs_call(batch):
                self._finish(batch, self._read(batch, lambda: False))

    def lease_left(self) -> LeaseLeft | None:
        """What the claim still needs of the model; recording gives the rest back."""
        if self._limits is None:
            return None
        self._slots = self._running
        return LeaseLeft(self._claim.batches[0].claim, self._running)

    def waves(self) -> Iterator[Results]:
        """The results as they should be recorded: early where some calls are slow, in the end the rest."""
        with self._pool:
            while self._running or self._waiting:
                self._next_event()
                self._start_waiting()
                if self._exchange_due():
                    self._exchange()
                if self._running + len(self._waiting) and self._ripe():
                    yield self._take_finished()
        if self._finished:
            yield self._take_finished()

    # Results

    def _ripe(self) -> bool:
        """Whether what is there should not wait for the rest any longer."""
        slow = self._waiting or self._crowded or self._done >= len(self._claim.batches) * EARLY_SHARE
        if self._ripe_at is None and self._finished and slow:
            self._ripe_at = monotonic() + EARLY_PATIENCE_SECONDS
        return self._ripe_at is not None and monotonic() >= self._ripe_at

    def _take_finished(self) -> Results:
        taken, self._finished, self._ripe_at = self._finished, [], None
        return taken

    def _finish(self, batch: ClaimedBatch, reading: BatchReading) -> None:
        held = self._held.pop(batch.key, Decimal(0))
        self._finished.append((replace(batch, reserved_usd=batch.reserved_usd + held), reading))
        self._done += 1

    # Events

    def _next_event(self) -> None:
        """Wait until a call ends or asks for another one, or until something else is due."""
        with suppress(Empty):
            self._take_event(self._events.get(timeout=self._patience()))
        while not self._events.empty():
            self._take_event(self._events.get())

    def _patience(self) -> float | None:
        due = [at for at in (self._ripe_at,) if at is not None]
        if self._wants_exchange():
            due.append(self._ask_at)
        if self._waiting:
            due.append(self._claim.latest_call)
        return max(0.001, min(due) - monotonic()) if due else None

    def _take_event(self, event: _Done | _Extra) -> None:
        if isinstance(event, _Extra):
            self._extras.append(event)
            self._ask_at = min(self._ask_at, monotonic())
            return
        self._running -= 1
        if event.reading is None:
            self.broken += [event.error] if event.error else []
            self._done += 1
            return
        if event.reading.retry_after and self._limits is not None:
            self._pause = max(self._pause, min(event.reading.retry_after, LONGEST_PAUSE_SECONDS))
            self._ask_at = monotonic()
        self._finish(event.batch, event.reading)

    # Starting calls

    def _start_waiting(self) -> None:
        """Waiting batches take the places of calls that ended; what cannot end in time goes back."""
        if not self._in_time():
            self._send_back(list(self._waiting), NO_TIME_LEFT)
        if self._pause or (self._limits is not None and self._limits.rated):
            return
        while self._waiting and self._running < self._slots and self._looked_lately():
            self._submit(self._waiting.popleft(), monotonic())

    def _send_back(self, batches: Sequence[ClaimedBatch], reason: str) -> None:
        for batch in batches:
            self._waiting.remove(batch)
            self._finish(batch, BatchReading(busy=[(window, reason) for window in batch.windows]))

    def _submit(self, batch: ClaimedBatch, start: float) -> None:
        self._running += 1
        self._pool.submit(self._work, batch, start)

    def _in_time(self) -> bool:
        return monotonic() < self._claim.latest_call

    def _looked_lately(self) -> bool:
        return monotonic() - self._looked < LOOK_SECONDS

    # Capacity

    def _wants_exchange(self) -> bool:
        idle = self._crowded and self._slots > self._running
        return bool(self._waiting or self._extras or self._pause or idle)

    def _exchange_due(self) -> bool:
        return self._wants_exchange() and monotonic() >= self._ask_at

    def _exchange(self) -> None:
        """One transaction: look whether the jobs go on, give back what ended, ask for more."""
        extras, self._extras = sorted(self._extras, key=lambda extra: extra.batch.key.job_id), []
        try:
            with self._tools.database.tenant(self._claim.tenant_id) as work:
                over = self._look(work) if extras or self._look_due() else set()
                allowed = [e for e in extras if e.batch.key.job_id not in over and self._afford(work, e)]
                grant = self._lease(work, len(allowed))
        except Exception as error:  # noqa: BLE001  # raised by the caller, when the results are recorded
            self.broken.append(error)
            over, allowed, grant = {batch.key.job_id for batch in self._claim.batches}, [], LeaseGrant(0)
        for extra in allowed:
            self._held[extra.batch.key] += extra.batch.reserved_usd
        self._pause = 0.0
        self._answer(extras, allowed, grant)
        self._send_back([batch for batch in self._waiting if batch.key.job_id in over], JOB_OVER)
        self._take_grant(grant)

    def _look_due(self) -> bool:
        return monotonic() - self._looked >= LOOK_SECONDS / 2

    def _look(self, work: TenantWork) -> set[uuid.UUID]:
        """The jobs that are over."""
        self._looked = monotonic()
        return work.batches.over({batch.key.job_id for batch in self._claim.batches})

    def _afford(self, work: TenantWork, extra: _Extra) -> bool:
        """Hold as much again of the money of a job that has a limit; it is held once that is committed."""
        usd = extra.batch.reserved_usd
        return not usd or work.batches.reserve(extra.batch.key.job_id, usd)

    def _lease(self, work: TenantWork, extras: int) -> LeaseGrant:
        if self._limits is None:
            return LeaseGrant(len(self._waiting), extras)
        request = LeaseRequest(
            self._tools.model.name,
            self._claim.batches[0].claim,
            running=self._running,
            wanted=len(self._waiting),
            extra=extras,
            seconds=max(1, round(self._claim.ends - monotonic())),
            tokens=self._claim.tokens,
            pause_seconds=self._pause,
        )
        return work.calls.lease(request, self._limits)

    def _answer(self, extras: Sequence[_Extra], allowed: Sequence[_Extra], grant: LeaseGrant) -> None:
        """Extra calls come first; without capacity, or when they may not be made, they never start."""
        for number, extra in enumerate(allowed):
            if number < grant.extra:
                extra.start.set_result(monotonic() + grant.first_in + number * grant.step)
            else:
                extra.start.set_result(None)
        for extra in extras:
            if extra not in allowed:
                extra.start.set_result(None)

    def _take_grant(self, grant: LeaseGrant) -> None:
        now = monotonic()
        self._slots, self._crowded = self._running + grant.calls, grant.crowded
        for number in range(min(grant.calls, len(self._waiting))):
            start = now + grant.first_in + (grant.extra + number) * grant.step
            self._submit(self._waiting.popleft(), start)
        wait = min(grant.ask_again_in, LONGEST_WAIT_SECONDS) + WAVE_SECONDS
        self._ask_at = now + wait * random.uniform(0.7, 1.3)

    # In the threads

    def _work(self, batch: ClaimedBatch, start: float) -> None:
        try:
            sleep(max(0.0, start - monotonic()))
            self._events.put(_Done(batch, self._read(batch, self._permission(batch))))
        except BaseException as error:  # noqa: BLE001  # raised by the caller, in its own thread
            self._events.put(_Done(batch, None, error))

    def _permission(self, batch: ClaimedBatch) -> Callable[[], bool]:
        """Asked before each call: the first one is granted, further ones are asked for where that matters."""
        begun = False

        def may_call() -> bool:
            nonlocal begun
            first, begun = not begun, True
            rated = self._limits is not None and self._limits.rated
            if not first and (rated or batch.reserved_usd or not self._looked_lately()):
                extra = _Extra(batch)
                self._events.put(extra)
                start = extra.start.result()
                if start is None:
                    return False
                sleep(max(0.0, start - monotonic()))
            return self._in_time()

        return may_call

    def _read(self, batch: ClaimedBatch, may_call: Callable[[], bool]) -> BatchReading:
        plan = plan_from_json(batch.plan)
        by_key = {_key(self._tools.model, atom): atom for atom in plan.atoms}
        atoms = {key: by_key[key] for key in batch.atoms if key in by_key}
        if len(atoms) < len(batch.atoms):
            return BatchReading(final=[(window, PLAN_CHANGED) for window in batch.windows])
        return read_batch(self._tools.model, self._tools.aligner, batch, atoms, may_call)


def _key(model: LanguageModel, atom: Atom) -> str:
    return cache_key(atom, model.name, model.contract_version)
