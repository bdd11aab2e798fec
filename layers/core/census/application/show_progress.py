"""Show how far a running job has come: the result over the documents read so far.

Written by the worker whose recording took the step, so that looking at a job costs no more than its row.
"""

import uuid
from dataclasses import replace

from census.application.end_job import atom_keys, figure_rows
from census.application.judge_items import Unread, judge_items
from census.domain.answers import make_table
from census.domain.jobs import JobStatus
from census.domain.plan import JsonObject, Kind, Plan, Unit
from census.domain.plan_codec import plan_from_json
from census.ports.job_store import Job
from census.ports.language_model import LanguageModel
from census.ports.unit_of_work import Database, TenantWork

ROWS_SHOWN = 100


def show_progress(database: Database, model: LanguageModel, tenant_id: uuid.UUID, job_id: uuid.UUID) -> None:
    """Judge what is wholly read, then write the running result. The job's end finds that much done.

    Two transactions: the first holds no lock of the job, so recorders do not wait for it.
    """
    with database.tenant(tenant_id) as work:
        job = work.jobs.get(job_id)
        if job.status is not JobStatus.PROCESSING or job.plan is None:
            return
        plan = plan_from_json(job.plan)
        judge_items(work, job_id, plan, atom_keys(plan, model), Unread(), closed=True)
    with database.tenant(tenant_id) as work:
        job = work.jobs.get(job_id, lock=True)
        if job.status is JobStatus.PROCESSING:
            read_tokens = max(0, job.planned_tokens - work.batches.open_tokens(job_id))
            running = _running(work, job, plan)
            work.jobs.change(job_id, intermediate_results=running, read_tokens=read_tokens)


def _running(work: TenantWork, job: Job, plan: Plan) -> JsonObject:
    """The ledger so far, with what is still `open`, and the table over what is read."""
    classes: dict[str, int] = {}
    for (status, _), documents in work.items.classes(job.id).items():
        classes[status] = classes.get(status, 0) + documents
    read = sum(classes.values())
    shown = _unfolded(plan)
    return {
        "message": f"{read:,} of {job.total_items:,} read",
        "items_read": read,
        "ledger": {**classes, "open": job.total_items - read, "total": job.total_items},
        "table": make_table(shown, figure_rows(work, job.id, shown)[:ROWS_SHOWN]).to_json(),
    }


def _unfolded(plan: Plan) -> Plan:
    """The plan without what is only folded at the end: labels instead of themes."""
    if plan.kind is Kind.THEMES:
        return replace(plan, kind=Kind.GROUP_COUNT, unit=Unit.MENTION)
    return plan
