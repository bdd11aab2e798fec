"""Make the answer of a job whose batches are all recorded."""

import uuid

from census.application.end_job import atom_keys, end_job, ledger_of
from census.application.fold_findings import (
    DELETED_MEANWHILE,
    FoldRefusedError,
    FoldTools,
    ReduceUnfinishedError,
    fold_findings,
)
from census.application.judge_items import judge_items
from census.application.stopped_by_money import ending_of, unread_of
from census.domain.answers import Told
from census.domain.jobs import JobPhase, JobStatus
from census.domain.plan import Plan
from census.domain.plan_codec import plan_from_json
from census.ports.job_store import Job
from census.ports.unit_of_work import TenantWork


def reduce_job(tools: FoldTools, tenant_id: uuid.UUID, job_id: uuid.UUID, generation: int) -> JobStatus:
    """Judge, fold where the kind asks for it, aggregate and answer; doing it again changes nothing.

    Only for the execution that leads the job, and only when no batch is open; else the job is left alone.

    Raises LedgerError when the documents do not add up: then there is no answer, and SettleJob says so.
    Raises ReduceUnfinishedError, ModelBusyError and database errors: what is folded is kept, run again.
    """
    with tools.database.tenant(tenant_id) as work:
        job = work.jobs.get(job_id, lock=True)
        if not _ready(job, generation):
            return job.status
        work.jobs.change(job_id, current_phase=JobPhase.REDUCING.value)
        plan = plan_from_json(job.plan) if job.plan and job.pinned_at else None
        figures = _judged(work, job, plan, tools) if plan and plan.kind.folds else {}
    told = _told(tools, job, plan, figures) if plan and plan.kind.folds else Told()
    with tools.database.tenant(tenant_id) as work:
        job = work.jobs.get(job_id, lock=True)
        if not _ready(job, generation):
            return job.status
        if figures and figures != _figures(work, job):
            raise ReduceUnfinishedError(DELETED_MEANWHILE)
        return end_job(work, job, tools.model, told=told, **ending_of(job))


def _judged(work: TenantWork, job: Job, plan: Plan, tools: FoldTools) -> dict[str, int]:
    """Judge all documents; the figures that prose may hold."""
    judge_items(work, job.id, plan, atom_keys(plan, tools.model), unread_of(job))
    return _figures(work, job)


def _figures(work: TenantWork, job: Job) -> dict[str, int]:
    """They change afterwards only where a document is deleted: what was folded may then hold its words."""
    ledger = ledger_of(work, job)
    counts = {"total": ledger.total, "match": ledger.match, "no_match": ledger.no_match}
    return {**counts, "findings": work.reductions.count(job.id)}


def _told(tools: FoldTools, job: Job, plan: Plan, figures: dict[str, int]) -> Told:
    """What the findings come to; without the model's part the answer says why it is missing."""
    try:
        return Told(fold_findings(tools, job, plan, figures) if figures["findings"] else None)
    except FoldRefusedError as error:
        return Told(missing=str(error))


def _ready(job: Job, generation: int) -> bool:
    led_by_us = job.started_generation == generation and job.status is JobStatus.PROCESSING
    return led_by_us and job.remaining == 0
