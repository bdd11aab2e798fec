"""Send a job's batches: one task token for the whole fan-out, kept before the first message goes out.

A retry of this step brings a new token and does the same again: a batch that is sent twice is read once.
"""

import uuid

from census.application.map_batch import BatchMessage
from census.application.signal_job import signal_job
from census.domain.errors import UnavailableError
from census.ports.queue import Queue
from census.ports.unit_of_work import Database
from census.ports.workflow import Workflow

BATCHES_A_ROUND = 1_000
SUPERSEDED = "Census.Superseded"
"""The error, caught by name in the state machine, of an execution that does not lead its job any more."""


def dispatch_batches(
    database: Database,
    queue: Queue,
    workflow: Workflow,
    tenant_id: uuid.UUID,
    job_id: uuid.UUID,
    generation: int,
    task_token: str,
) -> int:
    """Store the token, then send every batch not sent under it; how many messages went out.

    With nothing left to read it answers the token itself. A job that is not led by this generation's
    execution any more is left alone. Raises UnavailableError: the step is retried with a new token.
    """
    with database.tenant(tenant_id) as work:
        dispatch = work.jobs.store_token(job_id, generation, task_token)
    if dispatch is None:
        workflow.signal_failure(task_token, SUPERSEDED, "Another execution leads this job, or it ended.")
        return 0
    if dispatch.remaining == 0:
        signal_job(database, workflow, tenant_id, job_id)
        return 0
    return send_batches(database, queue, tenant_id, job_id, dispatch.generation)


def send_batches(
    database: Database, queue: Queue, tenant_id: uuid.UUID, job_id: uuid.UUID, generation: int
) -> int:
    """Send the open batches not sent under this generation yet, marking what surely went out.

    Raises UnavailableError when the queue takes nothing.
    """
    total = 0
    while True:
        with database.tenant(tenant_id) as work:
            ordinals = work.batches.unsent(job_id, generation, BATCHES_A_ROUND)
        if not ordinals:
            return total
        messages = [BatchMessage(tenant_id, job_id, o).to_json(generation) for o in ordinals]
        sent = queue.send_many(messages)
        if sent == 0:
            raise UnavailableError("The queue takes no messages of this job now.")
        with database.tenant(tenant_id) as work:
            work.batches.mark_sent(job_id, ordinals[:sent], generation)
        total += sent
