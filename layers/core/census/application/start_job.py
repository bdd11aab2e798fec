"""Start the execution that leads a job, after the row is committed."""

import logging
import uuid
from contextlib import suppress

from census.domain.errors import UnavailableError
from census.ports.queue import Queue
from census.ports.unit_of_work import Database
from census.ports.workflow import Workflow

log = logging.getLogger(__name__)


def job_check(tenant_id: uuid.UUID, job_id: uuid.UUID) -> dict[str, str]:
    """The message that asks reconcile_work to look at a job."""
    return {"tenant_id": str(tenant_id), "job_id": str(job_id)}


def start_job(
    database: Database,
    workflow: Workflow,
    reconcile_queue: Queue,
    tenant_id: uuid.UUID,
    job_id: uuid.UUID,
    *,
    check_after_seconds: int = 20,
) -> None:
    """Ask for a check of the job later, then start its execution.

    Never fails for a service that does not answer: the job is a row, the check starts what was not started,
    and the hourly sweep finds it even if the check was lost too.
    """
    with suppress(UnavailableError):
        reconcile_queue.send(job_check(tenant_id, job_id), delay_seconds=check_after_seconds)
    try:
        start_execution(database, workflow, tenant_id, job_id)
    except UnavailableError as error:
        log.warning("The job's execution could not be started now: %s", error)


def start_execution(database: Database, workflow: Workflow, tenant_id: uuid.UUID, job_id: uuid.UUID) -> None:
    """Start the execution of the job's generation and note its name. Raises UnavailableError."""
    with database.tenant(tenant_id) as work:
        generation = work.jobs.get(job_id).started_generation
    execution = workflow.start(tenant_id, job_id, generation)
    with database.tenant(tenant_id) as work:
        if work.jobs.get(job_id, lock=True).started_generation == generation:
            work.jobs.change(job_id, execution_arn=execution.arn)
