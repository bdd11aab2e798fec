"""End a job whatever went wrong: partial with what is there, or failed with the cause. None stays open."""

import datetime as dt
import json
import logging
import uuid

from census.application.end_job import Cause, end_failed, end_job
from census.application.judge_items import Unread
from census.domain.errors import CensusError, LedgerError, UnavailableError
from census.domain.jobs import JobStatus
from census.domain.ledger import LedgerClass, SkipReason
from census.ports.language_model import LanguageModel
from census.ports.unit_of_work import Database

log = logging.getLogger(__name__)

_NO_ANSWER = (CensusError, ValueError, TypeError, ArithmeticError, LookupError)
"""Defects of stored data, ours or a model's, that trying again would only meet again."""

DEADLINE = Cause(
    "deadline", "The job did not end within its deadline; retry it to read what is still missing."
)


def settle_job(
    database: Database,
    model: LanguageModel,
    tenant_id: uuid.UUID,
    job_id: uuid.UUID,
    cause: Cause,
    generation: int | None = None,
) -> JobStatus:
    """End the job with this cause unless it has ended; the state it is in afterwards.

    Past its deadline that is the cause, whatever stopped the job.
    `generation`: the execution that asks. A job that another one leads by now is left alone.
    """
    try:
        with database.tenant(tenant_id) as work:
            job = work.jobs.get(job_id, lock=True)
            if generation not in (None, job.started_generation):
                return job.status
            late = job.deadline_at is not None and job.deadline_at <= dt.datetime.now(dt.UTC)
            shown = DEADLINE if late else cause
            return end_job(work, job, model, unread=_unread(shown), cause=shown)
    except UnavailableError:
        raise
    except _NO_ANSWER as error:
        log.exception("No answer can be made of a job", extra={"job_id": str(job_id)})
        return _end_without_answer(database, tenant_id, job_id, error)


def _unread(cause: Cause) -> Unread:
    if cause is DEADLINE:
        return Unread(LedgerClass.SKIPPED, SkipReason.DEADLINE.value)
    return Unread(reason=cause.code)


def _end_without_answer(
    database: Database, tenant_id: uuid.UUID, job_id: uuid.UUID, error: Exception
) -> JobStatus:
    """Fail a job whose rows no answer can be made of: it would otherwise stay open for ever."""
    code = "ledger" if isinstance(error, LedgerError) else "unanswerable"
    with database.tenant(tenant_id) as work:
        job = work.jobs.get(job_id, lock=True)
        if job.status.final:
            return job.status
        told = f"No answer could be made: {error or type(error).__name__}"
        remainder = error.remainder if isinstance(error, LedgerError) else 0
        end_failed(work, job, code, told, remainder=remainder)
    return JobStatus.FAILED


def cause_of_failure(error: str, cause: str) -> Cause:
    """The cause a person reads, from what the state machine caught (`Error` and `Cause`)."""
    what = f"The job could not be finished ({error or 'unknown error'})."
    advice = "Retry it; what was read is kept and not paid for again."
    return Cause("internal", f"{what} {advice} {_message(cause)}".rstrip())


def _message(cause: str) -> str:
    try:
        found = json.loads(cause)
    except ValueError:
        return ""
    return str(found.get("errorMessage", ""))[:500] if isinstance(found, dict) else ""
