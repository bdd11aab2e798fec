"""Cancel a job: the row first, then the execution. What was read is answered; late results are kept."""

import uuid
from contextlib import suppress

from census.application.describe_job import describe_job
from census.application.end_job import Cause, end_failed, end_job
from census.application.judge_items import Unread
from census.domain.errors import FieldsInvalidError, LedgerError, NotFoundError, UnavailableError
from census.domain.identity import Caller
from census.domain.jobs import JobStatus, check_transition
from census.domain.ledger import LedgerClass, SkipReason
from census.domain.plan import JsonObject
from census.ports.language_model import LanguageModel
from census.ports.unit_of_work import Database
from census.ports.workflow import Workflow

_NO_ANSWER = (LedgerError, FieldsInvalidError, ValueError, TypeError, ArithmeticError, LookupError)
"""Rows that no answer can be made of keep nobody from cancelling."""
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
    try:
        with database.tenant(caller.tenant_id) as work:
            job = work.jobs.get(job_id, lock=True)
            check_transition(job.status, JobStatus.CANCELLED, "cancelled")
            unread = Unread(LedgerClass.SKIPPED, SkipReason.CANCELLED.value)
            end_job(work, job, model, unread=unread, cause=CANCELLED, status=JobStatus.CANCELLED)
    except _NO_ANSWER as error:
        _end_without_answer(database, caller, job_id, error)
    if job.execution_arn:
        # An execution that goes on does no harm: whatever it invokes sees that the job has ended.
        with suppress(UnavailableError):
            workflow.stop(job.execution_arn, CANCELLED.message)
    with database.tenant(caller.tenant_id) as work:
        return describe_job(work, caller.user_id, job_id)


def _end_without_answer(database: Database, caller: Caller, job_id: uuid.UUID, error: Exception) -> None:
    with database.tenant(caller.tenant_id) as work:
        job = work.jobs.get(job_id, lock=True)
        check_transition(job.status, JobStatus.CANCELLED, "cancelled")
        told = f"{CANCELLED.message} No answer could be made: {error or type(error).__name__}"
        end_failed(work, job, CANCELLED.code, told, JobStatus.CANCELLED)
