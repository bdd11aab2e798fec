"""The statements that the calls of a claim need while they go on: money, and capacity of both models."""

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import monotonic

from census.application.further_calls import FurtherCall
from census.application.map_tools import MapTools
from census.application.model_capacity import ModelCapacity
from census.application.read_batch import BatchReading, Call
from census.ports.call_leases import CallLimits, CallsEnded, LeaseGrant
from census.ports.job_store import ClaimedBatch, LeaseLeft
from census.ports.language_model import Strength
from census.ports.unit_of_work import TenantWork

LOOK_SECONDS = 3.0
"""How old the last look at whether the jobs go on may be when a call starts without asking."""


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

    @property
    def jobs(self) -> list[uuid.UUID]:
        """The jobs of its batches."""
        return sorted({batch.key.job_id for batch in self.batches})


class CallExchanges:
    """What a claim holds of the standard and of the stronger model, and the calls that ask for more.

    `held` is told of batches for which as much money again was reserved.
    """

    def __init__(self, claim: CalledClaim, held: Callable[[Sequence[ClaimedBatch]], None]) -> None:
        self._claim, self._tools, self._held = claim, claim.tools, held
        tools, model = claim.tools, claim.tools.model
        self.standard = ModelCapacity(model.name, tools.limits, claim.batches[0].claim)
        self.strong = ModelCapacity(model.strong_name or "", tools.strong_limits, uuid.uuid4())
        self.extras: list[FurtherCall] = []
        self.seconds: list[FurtherCall] = []
        self._looked = monotonic()

    def looked_lately(self) -> bool:
        """Whether it is known of a short while ago that the jobs go on."""
        return monotonic() - self._looked < LOOK_SECONDS

    def needs_no_asking(self, batch: ClaimedBatch, call: Call) -> bool:
        """Whether a further call costs none of what is shared, and no look is due. Asked in the threads."""
        places = self.strong if call is Call.SECOND else self.standard
        limited = places.limits is not None and call is not Call.SMALLER
        return not (limited or places.rated or batch.reserved_usd) and self.looked_lately()

    # Who asks

    def put(self, call: FurtherCall) -> None:
        """A thread waits to make a further call."""
        (self.seconds if call.call is Call.SECOND else self.extras).append(call)

    def standard_due(self, waiting: int) -> float | None:
        """When to ask for the standard model; None while there is nothing to ask."""
        return 0.0 if self.extras else self.standard.due_at(waiting)

    def strong_due(self) -> float | None:
        """When to ask for the stronger model; None while there is nothing to ask."""
        if any(not second.counted for second in self.seconds):
            return 0.0
        if self.seconds and self.strong.free and not self.looked_lately():
            return 0.0
        return self.strong.due_at(len(self.seconds))

    def start_seconds(self) -> None:
        """Second readings take the places of others that ended."""
        while self.seconds and self.seconds[0].counted and self.strong.free and self.looked_lately():
            self.strong.begin()
            self.seconds.pop(0).allow(monotonic())

    def refuse_all(self) -> None:
        """No further call is made."""
        self._refuse(self.extras + self.seconds)

    def _refuse(self, calls: Sequence[FurtherCall]) -> None:
        for call in calls:
            (self.seconds if call in self.seconds else self.extras).remove(call)
            call.refuse()

    # Asking

    def ask_standard(self, waiting: int) -> LeaseGrant:
        """Ask for `waiting` batches, and answer the further calls.

        These come first; without capacity, or when they may not be made, they never start.
        """
        paid = sorted(self._paid(self.extras), key=lambda extra: extra.repeats)
        repeats = sum(extra.repeats for extra in paid)
        grant = self._ask(self.standard, waiting, extra=len(paid), extra_again=repeats)
        allowed = min(grant.extra, len(paid) - repeats + grant.extra_again)
        goes_on = [extra for extra in paid[:allowed] if extra.batch.key.job_id not in grant.over]
        now = monotonic()
        for number, extra in enumerate(goes_on):
            extra.allow(now + grant.first_in + number * grant.step)
            self.extras.remove(extra)
        self._refuse(list(self.extras))
        return grant

    def ask_strong(self) -> LeaseGrant:
        """Ask for second readings, which wait in their threads until the stronger model has a place."""
        paid = self._paid([second for second in self.seconds if not second.counted])
        repeats = [second for second in paid if second.repeats]
        first = len(paid) - len(repeats)
        grant = self._ask(self.strong, len(self.seconds), first=first, again=len(repeats))
        for second in paid:
            second.counted = True
        turned_away = repeats[grant.again :]
        over = [second for second in self.seconds if second.batch.key.job_id in grant.over]
        self._refuse(turned_away + [second for second in over if second not in turned_away])
        now = monotonic()
        self.strong.take(grant, now)
        for number in range(min(grant.calls, len(self.seconds))):
            self.strong.begin()
            self.seconds.pop(0).allow(now + grant.first_in + number * grant.step)
        return grant

    def _ask(self, places: ModelCapacity, wanted: int, **further: int) -> LeaseGrant:
        """What may begin, in one transaction. `further`: the other counts of a LeaseRequest."""
        looked = monotonic()
        grant = self._exchanged(places, wanted, further)
        self._looked = looked
        return grant

    def _exchanged(self, places: ModelCapacity, wanted: int, further: dict[str, int]) -> LeaseGrant:
        database, jobs = self._tools.database, self._claim.jobs
        if places.limits is not None:
            request = places.request(wanted, self._claim.ends - monotonic(), self._claim.tokens, **further)
            return database.exchange_calls(self._claim.tenant_id, jobs, request, places.limits)
        with database.tenant(self._claim.tenant_id) as work:
            over = frozenset(work.batches.over(jobs))
        extra, again, extra_again = (further.get(count, 0) for count in ("extra", "again", "extra_again"))
        return LeaseGrant(wanted, extra, again, extra_again, over=over)

    def _paid(self, calls: list[FurtherCall]) -> list[FurtherCall]:
        """Those that there is money for, which is reserved; the others never start."""
        in_order = sorted(calls, key=lambda call: call.batch.key.job_id)
        paid = list(calls)
        if any(call.batch.reserved_usd for call in calls):
            with self._tools.database.tenant(self._claim.tenant_id) as work:
                paid = [call for call in in_order if _reserved(work, call.batch)]
        self._held([call.batch for call in paid])
        self._refuse([call for call in calls if call not in paid])
        return paid

    # Settling

    def count(self, batch: ClaimedBatch, reading: BatchReading) -> None:
        """Repeats that were answered, and a call that was asked for and not made, go back to the budget."""
        if self.standard.limits is None:
            return
        self.strong.repeats_back += reading.answered[Strength.STRONG]
        self.standard.repeats_back += reading.answered[Strength.STANDARD]
        if not reading.called:
            share = self.standard.limits.repeats.share
            self.standard.repeats_back += 1 if batch.comes_again else -share

    def lease_left(self) -> LeaseLeft | None:
        """What the claim still needs of the standard model; its recording gives the rest back by the way."""
        if self.standard.limits is None:
            return None
        self.standard.slots = self.standard.running
        return LeaseLeft(self.standard.holder, self.standard.running)

    def settled(self) -> list[tuple[CallsEnded, CallLimits]]:
        """What takes a statement of its own: the stronger model's places, and repeats to give back."""
        due = [self.standard] if self.standard.repeats_back else []
        due += [self.strong] if self.strong.held else []
        return [(places.ended(), places.limits) for places in due if places.limits is not None]


def _reserved(work: TenantWork, batch: ClaimedBatch) -> bool:
    """Hold as much again of the money of a job that has a limit."""
    return not batch.reserved_usd or work.batches.reserve(batch.key.job_id, batch.reserved_usd)
