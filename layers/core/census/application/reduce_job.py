"""Make the answer of a job whose batches are all recorded."""

import uuid

from census.application.end_job import end_job
from census.domain.jobs import JobPhase, JobStatus
from census.ports.job_store import Job
from census.ports.language_model import LanguageModel
from census.ports.unit_of_work import Database


def reduce_job(
    database: Database, model: LanguageModel, tenant_id: uuid.UUID, job_id: uuid.UUID, generation: int
) -> JobStatus:
    """Judge, aggregate and answer in one transaction; doing it again changes nothing.

    Only for the execution that leads the job, and only when no batch is open; else the job is left alone.

    Raises LedgerError when the documents do not add up: then there is no answer, and SettleJob says so.
    """
    with database.tenant(tenant_id) as work:
        job = work.jobs.get(job_id, lock=True)
        if not _ready(job, generation):
            return job.status
        work.jobs.change(job_id, current_phase=JobPhase.REDUCING.value)
    with database.tenant(tenant_id) as work:
        job = work.jobs.get(job_id, lock=True)
        return end_job(work, job, model) if _ready(job, generation) else job.status


def _ready(job: Job, generation: int) -> bool:
    led_by_us = job.started_generation == generation and job.status is JobStatus.PROCESSING
    return led_by_us and job.remaining == 0
