"""Read batches: claim them in one transaction, call the model, record in another.

Up to ten messages come together; their calls run side by side, because an invocation consists of waiting
for the model. What is done early is recorded early, so that a kill repeats little.
"""

import uuid
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from decimal import Decimal
from time import monotonic

from census.application.read_batch import BatchReading, read_batch
from census.application.signal_job import signal_job
from census.domain.jobs import MAX_ATTEMPTS, BatchOutcome, backoff_seconds
from census.domain.plan import Atom, JsonObject
from census.domain.plan_codec import plan_from_json
from census.domain.readings import cache_key
from census.ports.job_store import BatchKey, BatchRecord, ClaimedBatch, Release, Spending
from census.ports.language_model import LanguageModel, Usage
from census.ports.queue import Queue
from census.ports.quote_aligner import QuoteAligner
from census.ports.unit_of_work import Database
from census.ports.workflow import Workflow

CALLS_AT_ONCE = 10
EARLY_SHARE = 0.8
EARLY_PATIENCE_SECONDS = 2.0


@dataclass(frozen=True)
class BatchMessage:
    """A hint that a batch is to be read: ids only."""

    tenant_id: uuid.UUID
    job_id: uuid.UUID
    ordinal: int

    def to_json(self, generation: int) -> JsonObject:
        """The message's body."""
        return {
            "tenant_id": str(self.tenant_id),
            "job_id": str(self.job_id),
            "generation": generation,
            "batch": self.ordinal,
        }


def batch_message(body: JsonObject) -> BatchMessage:
    """The message a body holds. Raises KeyError or ValueError for anything else."""
    return BatchMessage(uuid.UUID(body["tenant_id"]), uuid.UUID(body["job_id"]), int(body["batch"]))


@dataclass(frozen=True)
class MapTools:
    """What map_batch works with. `price` turns usage into US dollars; a call takes at most `call_seconds`."""

    database: Database
    model: LanguageModel
    aligner: QuoteAligner
    queue: Queue
    workflow: Workflow
    price: Callable[[Usage], Decimal]
    call_seconds: float = 0.0


def map_batch(tools: MapTools, messages: Sequence[BatchMessage], lease_seconds: int) -> None:
    """Read the batches of these messages that nobody reads or has read; drop the others without a call.

    `lease_seconds`: how long this invocation may run; the claims hold as long. Raises UnavailableError and
    database errors, after which the messages may simply come again.
    """
    ends = monotonic() + lease_seconds
    by_tenant: dict[uuid.UUID, list[BatchMessage]] = defaultdict(list)
    for message in messages:
        by_tenant[message.tenant_id].append(message)
    for tenant_id, group in by_tenant.items():
        _map_tenant(tools, tenant_id, group, max(1, round(ends - monotonic())))


def _map_tenant(
    tools: MapTools, tenant_id: uuid.UUID, messages: Sequence[BatchMessage], lease_seconds: int
) -> None:
    keys = sorted(
        {BatchKey(message.job_id, message.ordinal) for message in messages},
        key=lambda key: (key.job_id, key.ordinal),
    )
    with tools.database.tenant(tenant_id) as work:
        claimed = work.batches.claim(keys, lease_seconds)
    latest_call = monotonic() + lease_seconds - tools.call_seconds
    claimed_keys = {batch.key for batch in claimed}
    broken: list[BaseException] = []
    with ThreadPoolExecutor(CALLS_AT_ONCE) as pool:
        running = {pool.submit(_read, tools, batch, latest_call): batch for batch in claimed}
        for done in _waves(running):
            broken += [error for future in done if (error := future.exception())]
            read = [(running[future], future.result()) for future in done if not future.exception()]
            try:
                if read:
                    _record(tools, tenant_id, read)
            except Exception as error:  # noqa: BLE001  # raised below, when the other calls are recorded
                broken.append(error)
    if broken:  # only now: what the others read is paid for, and kept
        raise broken[0]
    for job_id in {key.job_id for key in keys if key not in claimed_keys}:
        signal_job(tools.database, tools.workflow, tenant_id, job_id)


def _read(tools: MapTools, batch: ClaimedBatch, latest_call: float) -> BatchReading:
    plan = plan_from_json(batch.plan)
    by_key = {_key(tools.model, atom): atom for atom in plan.atoms}
    atoms = {key: by_key[key] for key in batch.atoms if key in by_key}
    if len(atoms) < len(batch.atoms):
        gone = "The plan or the model changed after this batch was cut; retry the job."
        return BatchReading(final=[(window, gone) for window in batch.windows])
    return read_batch(tools.model, tools.aligner, batch, atoms, lambda: monotonic() < latest_call)


def _key(model: LanguageModel, atom: Atom) -> str:
    return cache_key(atom, model.name, model.contract_version)


def _waves(running: Iterable[Future[BatchReading]]) -> Iterator[set[Future[BatchReading]]]:
    """The results in at most two parts: when four fifths are there and two seconds passed, and the rest."""
    left = set(running)
    if not left:
        return
    early_count = len(left) * EARLY_SHARE
    done: set[Future[BatchReading]] = set()
    patience: float | None = None
    while left:
        timeout = None if patience is None else patience - monotonic()
        if timeout is not None and timeout <= 0:
            break
        finished, left = wait(left, timeout=timeout, return_when=FIRST_COMPLETED)
        done |= finished
        if patience is None and len(done) >= early_count:
            patience = monotonic() + EARLY_PATIENCE_SECONDS
    yield done
    if left:
        yield wait(left).done


def _record(
    tools: MapTools, tenant_id: uuid.UUID, results: Sequence[tuple[ClaimedBatch, BatchReading]]
) -> None:
    """One transaction for outcomes, readings, costs and batches given back; then messages and signals."""
    records = [_outcome(batch, reading) for batch, reading in results]
    given_back = [
        Release(batch.key, batch.claim, attempted=not reading.busy)
        for (batch, reading), record in zip(results, records, strict=True)
        if record.outcome is None
    ]
    with tools.database.tenant(tenant_id) as work:
        recorded = work.batches.record(records, _spending(tools, results))
        if given_back:
            work.batches.release(given_back)
    for (batch, reading), record in zip(results, records, strict=True):
        if record.outcome is None:
            _send_back(tools, tenant_id, batch, reading)
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


def _spending(
    tools: MapTools, results: Sequence[tuple[ClaimedBatch, BatchReading]]
) -> dict[uuid.UUID, Spending]:
    used: dict[uuid.UUID, Usage] = defaultdict(Usage)
    for batch, reading in results:
        used[batch.key.job_id] += reading.usage
    return {
        job_id: Spending(usage.calls, usage.input_tokens, usage.output_tokens, tools.price(usage))
        for job_id, usage in used.items()
    }


def _send_back(tools: MapTools, tenant_id: uuid.UUID, batch: ClaimedBatch, reading: BatchReading) -> None:
    delay = max(backoff_seconds(batch.attempts - 1), int(reading.retry_after or 0))
    message = BatchMessage(tenant_id, batch.key.job_id, batch.key.ordinal)
    tools.queue.send(message.to_json(generation=0), delay_seconds=min(900, delay))
