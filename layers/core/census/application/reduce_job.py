"""Make the answer of a job whose batches are all recorded."""

import uuid

from census.application.end_job import end_job
from census.domain.jobs import JobPhase, JobStatus
from census.ports.language_model import LanguageModel
from census.ports.unit_of_work import Database


def reduce_job(
    database: Database, model: LanguageModel, tenant_id: uuid.UUID, job_id: uuid.UUID
) -> JobStatus:
    """Judge, aggregate, answer, in one transaction; doing it again changes nothing.

    Raises LedgerError when the documents do not add up: then there is no answer, and SettleJob says so.
    """
    with database.tenant(tenant_id) as work:
        job = work.jobs.get(job_id, lock=True)
        if job.status is JobStatus.PROCESSING:
            work.jobs.change(job_id, current_phase=JobPhase.REDUCING.value)
        return end_job(work, job, model)
