"""Record what came of batches: outcomes, readings, costs and completion in one transaction; then messages."""

import uuid
from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal
from random import random

from census.application.call_exchange import CallExchanges
from census.application.map_tools import BatchMessage, MapTools
from census.application.read_batch import BatchReading
from census.application.show_progress import show_progress
from census.application.signal_job import signal_job
from census.domain.jobs import MAX_ATTEMPTS, BatchOutcome, backoff_seconds
from census.ports.job_store import (
    BatchKey,
    BatchRecord,
    ClaimedBatch,
    Recorded,
    Release,
    Spending,
)
from census.ports.language_model import Usage

CRASHED = "The process that read this batch ended unexpectedly every time it was tried."
LONGEST_DELAY_SECONDS = 900

Finished = Sequence[tuple[ClaimedBatch, BatchReading]]


def record_readings(
    tools: MapTools, tenant_id: uuid.UUID, results: Finished, exchanges: CallExchanges | None = None
) -> None:
    """One transaction for outcomes, readings, costs and batches given back; then messages and signals.

    `exchanges`: what this claim holds of the models' capacity; what it does not need is given back.
    """
    records = [_outcome(batch, reading) for batch, reading in results]
    given_back = [
        Release(batch.key, batch.claim, not reading.busy, _delay(batch, reading), reading.called)
        for (batch, reading), record in zip(results, records, strict=True)
        if record.outcome is None
    ]
    with tools.database.tenant(tenant_id) as work:
        lease = exchanges.lease_left() if exchanges else None
        recorded = work.batches.record(records, _spending(tools, results), lease)
        if given_back:
            work.batches.release(given_back)
        for ended, limits in exchanges.settled() if exchanges else ():
            work.calls.settle(ended, limits)
        due = [job.job_id for job in recorded if job.step_due]
        steps = work.batches.take_steps(due) if due else []
    for release in given_back:
        send_again(tools, tenant_id, release.key, release.delay_seconds)
    _signal_completed(tools, tenant_id, recorded)
    for job_id in steps:
        show_progress(tools.database, tools.model, tenant_id, job_id)


def ends(batch: ClaimedBatch, reading: BatchReading) -> bool:
    """Whether this is the batch's end, and not another time that it comes back."""
    return _outcome(batch, reading).outcome is not None


def give_back(tools: MapTools, tenant_id: uuid.UUID, results: Finished) -> None:
    """Release the claims of results that could not be recorded: no process died of them.

    What was recorded all the same, its confirmation lost, stays as it is.
    """
    releases = [Release(batch.key, batch.claim, attempted=False) for batch, _ in results]
    with tools.database.tenant(tenant_id) as work:
        work.batches.release(releases)


def record_crashed(tools: MapTools, tenant_id: uuid.UUID, key: BatchKey) -> None:
    """Record the failure of a batch that ends every process which reads it."""
    with tools.database.tenant(tenant_id) as work:
        failures = tuple((item, window, CRASHED) for item, window in work.batches.windows(key))
        record = BatchRecord(key, BatchOutcome.FAILED, reason=CRASHED, failures=failures)
        recorded = work.batches.record([record], {key.job_id: Spending()})
    _signal_completed(tools, tenant_id, recorded)


def put_off(tools: MapTools, tenant_id: uuid.UUID, key: BatchKey) -> None:
    """A new message for a batch that was not claimed, after a short delay."""
    delay = backoff_seconds(0, random())
    with tools.database.tenant(tenant_id) as work:
        work.batches.postpone(key, delay)
    send_again(tools, tenant_id, key, delay)


def send_again(tools: MapTools, tenant_id: uuid.UUID, key: BatchKey, delay_seconds: int) -> None:
    """A new message for a batch. The database knows the delay already: nobody else sends one before."""
    message = BatchMessage(tenant_id, key.job_id, key.ordinal)
    tools.queue.send(message.to_json(generation=0), delay_seconds=delay_seconds)


def _delay(batch: ClaimedBatch, reading: BatchReading) -> int:
    """Doubles with the times the batch came back, with jitter; or as long as the model asked for."""
    backoff = backoff_seconds(batch.attempts - 1 + batch.times_busy, random())
    return min(LONGEST_DELAY_SECONDS, max(backoff, int(reading.retry_after or 0)))


def _signal_completed(tools: MapTools, tenant_id: uuid.UUID, recorded: Sequence[Recorded]) -> None:
    for job in recorded:
        if job.completer:
            signal_job(tools.database, tools.workflow, tenant_id, job.job_id)


def _outcome(batch: ClaimedBatch, reading: BatchReading) -> BatchRecord:
    """How the batch ended; outcome None when some windows must be tried again."""
    readings = tuple(reading.readings)
    retried = reading.again if batch.attempts >= MAX_ATTEMPTS else []
    if reading.busy or len(reading.again) > len(retried):
        return BatchRecord(batch.key, None, readings=readings)
    failed = [*reading.final, *retried]
    failures = tuple((window.lead, window.number, reason) for window, reason in failed)
    whole = len(failures) == len(batch.windows)
    return BatchRecord(
        batch.key,
        BatchOutcome.FAILED if whole else BatchOutcome.DONE,
        reason=failures[0][2] if whole else None,
        failures=failures,
        readings=readings,
    )


def _spending(tools: MapTools, results: Finished) -> dict[uuid.UUID, Spending]:
    by_job: dict[uuid.UUID, list[tuple[ClaimedBatch, BatchReading]]] = defaultdict(list)
    for batch, reading in results:
        by_job[batch.key.job_id].append((batch, reading))
    return {job_id: _spent(tools, of_job) for job_id, of_job in by_job.items()}


def _spent(tools: MapTools, results: Finished) -> Spending:
    used = sum((reading.usage for _, reading in results), Usage())
    first = results[0][0]
    settled = sum((batch.reserved_usd for batch, _ in results), Decimal(0))
    tokens = used.input_tokens, used.output_tokens
    return Spending(used.calls, *tokens, tools.price(used), settled, first.user_id, first.since)
