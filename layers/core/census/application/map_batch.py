"""Read batches: claim them in one transaction, call the model, record in another.

Up to ten messages come together; their calls run side by side, because an invocation consists of waiting
for the model. What is done early is recorded early, so that a kill repeats little. Rooms: claiming is here,
calling in call_batches.py, recording in record_readings.py.
"""

import uuid
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from time import monotonic

from census.application.call_batches import BatchCalls, needs_call
from census.application.call_exchange import CalledClaim
from census.application.map_tools import BatchMessage as BatchMessage
from census.application.map_tools import MapTools as MapTools
from census.application.map_tools import batch_message as batch_message
from census.application.read_batch import BatchReading
from census.application.record_late import record_late, record_left_over
from census.application.record_readings import put_off, record_crashed, record_readings
from census.application.signal_job import signal_job
from census.ports.call_leases import LeaseGrant, LeaseRequest
from census.ports.job_store import BatchKey, ClaimedBatch, Claims
from census.ports.unit_of_work import TenantWork


def map_batch(tools: MapTools, messages: Sequence[BatchMessage], lease_seconds: int) -> None:
    """Read the batches of these messages that nobody reads or has read; drop the others without a call.

    `lease_seconds`: how long this invocation may run; the claims hold as long. Raises UnavailableError and
    database errors, after which the messages may simply come again.
    """
    ends = monotonic() + lease_seconds
    record_left_over(tools)
    by_tenant: dict[uuid.UUID, set[BatchKey]] = defaultdict(set)
    for message in messages:
        by_tenant[message.tenant_id].add(BatchKey(message.job_id, message.ordinal))
    for tenant_id, keys in by_tenant.items():
        _Invocation(tools, tenant_id, ends).read(sorted(keys, key=lambda key: (key.job_id, key.ordinal)))


@dataclass(frozen=True)
class _Invocation:
    """The part of an invocation that belongs to one tenant."""

    tools: MapTools
    tenant_id: uuid.UUID
    ends: float

    def read(self, keys: Sequence[BatchKey]) -> None:
        """Read these batches together; afterwards, one by one, those whose last claim died among others.

        One of them may end this process, but then only its own claim is lost.
        """
        claims = self._claim_and_call(keys)
        for suspect in claims.suspects:
            if self._time_for_another():
                self._claim_and_call([suspect])
            else:
                put_off(self.tools, self.tenant_id, suspect)

    def _time_for_another(self) -> bool:
        return monotonic() < self.ends - self.tools.call_seconds

    def _claim_and_call(self, keys: Sequence[BatchKey]) -> Claims:
        seconds = max(1, round(self.ends - monotonic()))
        with self.tools.database.tenant(self.tenant_id) as work:
            claims = work.batches.claim(keys, seconds, self.tools.batch_price)
            grant = self._lease(work, claims, seconds)
        if claims.batches:
            self._call(CalledClaim(self.tools, self.tenant_id, claims.batches, self.ends), grant)
        for key in claims.crashed:
            record_crashed(self.tools, self.tenant_id, key)
        for key in claims.unaffordable:
            if key.job_id not in claims.stopped:
                put_off(self.tools, self.tenant_id, key)
        self._signal(keys, claims)
        return claims

    def _lease(self, work: TenantWork, claims: Claims, seconds: int) -> LeaseGrant:
        """As many calls as the model has free, in the claim's own transaction."""
        calls = [batch for batch in claims.batches if needs_call(batch)]
        again = sum(batch.comes_again for batch in calls)
        if self.tools.limits is None or not calls:
            return LeaseGrant(len(calls), again=again)
        request = LeaseRequest(
            self.tools.model.name,
            calls[0].claim,
            running=0,
            wanted=len(calls),
            seconds=seconds,
            tokens=sum(batch.tokens for batch in calls) // len(calls),
            first=len(calls) - again,
            again=again,
        )
        return work.calls.lease(request, self.tools.limits)

    def _call(self, claim: CalledClaim, grant: LeaseGrant) -> None:
        """Call the model, recording in waves; what broke is raised when the rest, paid for, is kept."""
        calls = BatchCalls(claim, grant)
        broken: list[BaseException] = []
        unrecorded: list[tuple[ClaimedBatch, BatchReading]] = []
        for finished in calls.waves():
            try:
                record_readings(self.tools, self.tenant_id, finished, calls.exchanges)
            except Exception as error:  # noqa: BLE001  # raised below, when the other calls are recorded
                broken.append(error)
                unrecorded += finished
        broken += calls.broken
        if unrecorded:
            record_late(self.tools, self.tenant_id, unrecorded, calls.exchanges)
        if broken:
            raise broken[0]

    def _signal(self, keys: Iterable[BatchKey], claims: Claims) -> None:
        """A job whose batches nobody needs any more may be waiting for a signal that was lost."""
        taken = {batch.key for batch in claims.batches} | {*claims.suspects, *claims.unaffordable}
        for job_id in {key.job_id for key in keys if key not in taken} | set(claims.stopped):
            signal_job(self.tools.database, self.tools.workflow, self.tenant_id, job_id)
