"""Let the state machine go on: the job's batches are all recorded.

The signal is an outbox: it is due while `signalled_at` is null. Whoever dies between the commit and the
signal leaves it to the next delivery or to reconcile_work.
"""

import uuid

from census.ports.unit_of_work import Database
from census.ports.workflow import SignalResult, Workflow


def signal_job(database: Database, workflow: Workflow, tenant_id: uuid.UUID, job_id: uuid.UUID) -> bool:
    """Answer the job's token if nothing remains and nobody did; whether this call did.

    A closed token stays unanswered in the outbox: its execution is gone, and reconcile_work, which re-reads
    the job, starts another. Raises UnavailableError.
    """
    with database.system() as work:
        signal = work.open_work.pending_signal(tenant_id, job_id)
    if signal is None:
        return False
    if workflow.signal_success(signal.task_token, {"job_id": str(job_id)}) is SignalResult.CLOSED:
        return False
    with database.system() as work:
        work.open_work.mark_signalled(tenant_id, job_id, signal.generation)
    return True
