"""Call the model for the batches of a claim: side by side, as many at once as are leased.

One thread talks to the database, the others to the model. While calls wait for capacity, one statement now
and then gives back what ended and asks for more; with capacity for all there is none. A job that is over, a
call that could not end in time, money that ran out and repeats that others used up keep calls from starting.
"""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from queue import Empty, SimpleQueue
from time import monotonic, sleep

from census.application.call_exchange import CalledClaim, CallExchanges
from census.application.finished_batches import FinishedBatches, Results
from census.application.further_calls import BatchTurn, FurtherCall, SecondEnded
from census.application.read_batch import NO_TIME_LEFT, BatchReading, MayCall, read_batch
from census.domain.measures import MODEL_REPEATS_REFUSED
from census.domain.plan import Atom
from census.domain.plan_codec import plan_from_json
from census.domain.readings import cache_key
from census.ports.call_leases import LeaseGrant
from census.ports.job_store import ClaimedBatch
from census.ports.language_model import LanguageModel
from census.ports.metrics import count

CALLS_AT_ONCE = 10
JOB_OVER = "The job is not processing any more."
NO_REPEATS_LEFT = "Too many calls to the model have failed lately for this one to be repeated yet."
PLAN_CHANGED = "The plan or the model changed after this batch was cut; retry the job."


def needs_call(batch: ClaimedBatch) -> bool:
    """Whether the batch has a window whose text is there and lacks a reading."""
    return any(w.text is not None and not w.known.issuperset(batch.atoms) for w in batch.windows)


@dataclass(frozen=True)
class _Done:
    batch: ClaimedBatch
    reading: BatchReading | None
    seconds: float
    error: BaseException | None = None


class BatchCalls:
    """The calls of one claim. `broken`: errors that are to be raised when all results are recorded."""

    def __init__(self, claim: CalledClaim, grant: LeaseGrant) -> None:
        self.broken: list[BaseException] = []
        self._claim, self._tools = claim, claim.tools
        self._waiting = deque(batch for batch in claim.batches if needs_call(batch))
        self._events: SimpleQueue[_Done | FurtherCall | SecondEnded] = SimpleQueue()
        self._finished = FinishedBatches(len(claim.batches))
        self._exchanges = CallExchanges(claim, self._finished.hold)
        self._places = self._exchanges.standard
        self._pool = ThreadPoolExecutor(CALLS_AT_ONCE)
        for batch in claim.batches:
            if not needs_call(batch):
                self._finished.add(batch, self._without_call(batch))
        self._turn_away([batch for batch in self._waiting if batch.comes_again][grant.again :])
        self._take_grant(grant)

    @property
    def exchanges(self) -> CallExchanges:
        """What the claim holds of the models, to be settled with what it records."""
        return self._exchanges

    def waves(self) -> Iterator[Results]:
        """The results as they should be recorded: early where some calls are slow, in the end the rest."""
        with self._pool:
            while self._places.running or self._waiting:
                self._next_event()
                self._start_waiting()
                self._exchange_what_is_due()
                goes_on = bool(self._places.running or self._waiting)
                if goes_on and self._finished.ripe(slow=bool(self._waiting) or self._places.crowded):
                    yield self._finished.take()
        if self._finished:
            yield self._finished.take()

    # Events

    def _next_event(self) -> None:
        """Wait until a call ends or asks for another one, or until something else is due."""
        with suppress(Empty):
            self._take_event(self._events.get(timeout=self._patience()))
        while not self._events.empty():
            self._take_event(self._events.get())

    def _patience(self) -> float | None:
        due = [self._finished.ripe_at, self._standard_due(), self._exchanges.strong_due()]
        if self._waiting or self._exchanges.seconds:
            due.append(self._claim.latest_call)
        told = [at for at in due if at is not None]
        return max(0.001, min(told) - monotonic()) if told else None

    def _take_event(self, event: _Done | FurtherCall | SecondEnded) -> None:
        match event:
            case FurtherCall():
                self._exchanges.put(event)
            case SecondEnded():
                self._exchanges.strong.end(event.seconds)
            case _Done():
                self._end(event)

    def _end(self, done: _Done) -> None:
        self._places.end(done.seconds)
        if done.reading is None:
            self.broken += [done.error] if done.error else []
            self._finished.done += 1
            return
        if done.reading.retry_after:
            self._places.pause(done.reading.retry_after)
        self._finish(done.batch, done.reading)

    def _finish(self, batch: ClaimedBatch, reading: BatchReading) -> None:
        self._exchanges.count(batch, reading)
        self._finished.add(batch, reading)

    # Starting calls

    def _start_waiting(self) -> None:
        """Those that wait take the places of calls that ended; what cannot end in time goes back."""
        if not self._in_time():
            self._send_back(list(self._waiting), NO_TIME_LEFT)
            self._exchanges.refuse_all()
        while self._waiting and self._places.free and self._exchanges.looked_lately():
            self._submit(self._waiting.popleft(), monotonic())
        self._exchanges.start_seconds()

    def _send_back(self, batches: Sequence[ClaimedBatch], reason: str) -> None:
        for batch in batches:
            self._waiting.remove(batch)
            self._finish(batch, BatchReading(busy=[(window, reason) for window in batch.windows]))

    def _turn_away(self, batches: Sequence[ClaimedBatch]) -> None:
        """Batches for which the budget has no repeat left."""
        if batches:
            count(self._tools.metrics, MODEL_REPEATS_REFUSED, len(batches))
        for batch in batches:
            self._waiting.remove(batch)
            self._finished.add(batch, BatchReading(busy=[(w, NO_REPEATS_LEFT) for w in batch.windows]))

    def _submit(self, batch: ClaimedBatch, start: float) -> None:
        self._places.begin()
        self._pool.submit(self._work, batch, start)

    def _in_time(self) -> bool:
        return monotonic() < self._claim.latest_call

    # Capacity

    def _standard_due(self) -> float | None:
        if self._waiting and self._places.free and not self._exchanges.looked_lately():
            return 0.0
        return self._exchanges.standard_due(len(self._waiting))

    def _exchange_what_is_due(self) -> None:
        now = monotonic()
        due = self._standard_due()
        if due is not None and due <= now:
            self._exchange(lambda: self._take_grant(self._exchanges.ask_standard(len(self._waiting))))
        due = self._exchanges.strong_due()
        if due is not None and due <= now:
            self._exchange(lambda: self._send_back_over(self._exchanges.ask_strong()))

    def _exchange(self, exchange: Callable[[], None]) -> None:
        try:
            exchange()
        except Exception as error:  # noqa: BLE001  # raised by the caller, when the results are recorded
            self.broken.append(error)
            self._exchanges.refuse_all()
            self._send_back(list(self._waiting), JOB_OVER)

    def _take_grant(self, grant: LeaseGrant) -> None:
        now = monotonic()
        self._places.take(grant, now)
        self._send_back_over(grant)
        for number in range(min(grant.calls, len(self._waiting))):
            start = now + grant.first_in + (grant.extra + number) * grant.step
            self._submit(self._waiting.popleft(), start)

    def _send_back_over(self, grant: LeaseGrant) -> None:
        self._send_back([batch for batch in self._waiting if batch.key.job_id in grant.over], JOB_OVER)

    # In the threads

    def _work(self, batch: ClaimedBatch, start: float) -> None:
        needs_no_asking = partial(self._exchanges.needs_no_asking, batch)
        turn = BatchTurn(batch, needs_no_asking, self._in_time, self._events.put)
        sleep(max(0.0, start - monotonic()))
        began = monotonic()
        try:
            reading = self._read(batch, turn.may_call)
            turn.end()
            self._events.put(_Done(batch, reading, monotonic() - began))
        except BaseException as error:  # noqa: BLE001  # raised by the caller, in its own thread
            turn.end()
            self._events.put(_Done(batch, None, 0.0, error))

    def _without_call(self, batch: ClaimedBatch) -> BatchReading:
        return self._read(batch, lambda _: False)

    def _read(self, batch: ClaimedBatch, may_call: MayCall) -> BatchReading:
        plan = plan_from_json(batch.plan)
        by_key = {_key(self._tools.model, atom): atom for atom in plan.atoms}
        atoms = {key: by_key[key] for key in batch.atoms if key in by_key}
        if len(atoms) < len(batch.atoms):
            return BatchReading(final=[(window, PLAN_CHANGED) for window in batch.windows])
        return read_batch(self._tools.model, self._tools.aligner, batch, atoms, may_call)


def _key(model: LanguageModel, atom: Atom) -> str:
    return cache_key(atom, model.name, model.contract_version)
