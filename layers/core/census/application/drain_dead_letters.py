"""Give each dead batch one more run, alone, before its failure is recorded.

Ten batches share an invocation, so one that kills its process takes nine innocents with it. Alone, they pass.
"""

from census.application.map_batch import BatchMessage, MapTools, map_batch
from census.application.record_readings import CRASHED as CRASHED
from census.application.record_readings import record_crashed
from census.ports.job_store import BatchKey


def drain_dead_batch(tools: MapTools, message: BatchMessage, times_received: int, lease_seconds: int) -> None:
    """Read a dead batch alone; a second delivery means that this run crashed as well, and it failed."""
    if times_received <= 1:
        map_batch(tools, [message], lease_seconds)
        return
    record_crashed(tools, message.tenant_id, BatchKey(message.job_id, message.ordinal))
