"""Cancel a job: the row first, then the execution. What was read is answered; late results are kept."""

import uuid
from contextlib import suppress

from census.application.describe_job import describe_job
from census.application.end_job import Cause, end_job
from census.application.judge_items import Unread
from census.domain.errors import NotFoundError, UnavailableError
from census.domain.identity import Caller
from census.domain.jobs import JobStatus, check_transition
from census.domain.ledger import LedgerClass, SkipReason
from census.domain.plan import JsonObject
from census.ports.language_model import LanguageModel
from census.ports.unit_of_work import Database
from census.ports.workflow import Workflow

CANCELLED = Cause("cancelled", "The job was cancelled.")


def cancel_job(
    database: Database, workflow: Workflow, model: LanguageModel, caller: Caller, job_id: uuid.UUID
) -> JsonObject:
    """Cancel the caller's job; the job afterwards. Raises NotFoundError, and ConflictError once it ended."""
    with database.tenant(caller.tenant_id) as work:
        job = work.jobs.get(job_id, lock=True)
        if job.user_id != caller.user_id:
            raise NotFoundError("job", job_id)
        check_transition(job.status, JobStatus.CANCELLED, "cancelled")
        unread = Unread(LedgerClass.SKIPPED, SkipReason.CANCELLED.value)
        end_job(work, job, model, unread=unread, cause=CANCELLED, status=JobStatus.CANCELLED)
    if job.execution_arn:
        # An execution that goes on does no harm: whatever it invokes sees that the job has ended.
        with suppress(UnavailableError):
            workflow.stop(job.execution_arn, CANCELLED.message)
    with database.tenant(caller.tenant_id) as work:
        return describe_job(work, caller.user_id, job_id)
