"""Give each dead batch one more run, alone, before its failure is recorded.

Ten batches share an invocation, so one that kills its process takes nine innocents with it. Alone, they pass.
"""

from census.application.map_batch import BatchMessage, MapTools, map_batch
from census.application.signal_job import signal_job
from census.domain.jobs import BatchOutcome
from census.ports.job_store import BatchKey, BatchRecord, Spending

CRASHED = "The process that read this batch ended unexpectedly every time it was tried."


def drain_dead_batch(tools: MapTools, message: BatchMessage, times_received: int, lease_seconds: int) -> None:
    """Read a dead batch alone; a second delivery means that this run crashed as well, and it failed."""
    if times_received <= 1:
        map_batch(tools, [message], lease_seconds)
        return
    key = BatchKey(message.job_id, message.ordinal)
    with tools.database.tenant(message.tenant_id) as work:
        windows = work.batches.windows(key)
        failures = tuple((item, window, CRASHED) for item, window in windows)
        record = BatchRecord(key, BatchOutcome.FAILED, reason=CRASHED, failures=failures)
        recorded = work.batches.record([record], {message.job_id: Spending()})
    if any(job.completer for job in recorded):
        signal_job(tools.database, tools.workflow, message.tenant_id, message.job_id)
