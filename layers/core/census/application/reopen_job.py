"""Let a job go on: approved, retried, or with a higher cap. Only what is not done is read."""

import datetime as dt
import uuid
from decimal import Decimal
from typing import Any

from census.application.describe_job import describe_job
from census.application.start_job import start_job
from census.domain.errors import ConflictError, NotFoundError
from census.domain.identity import Caller
from census.domain.jobs import JobPhase, JobStatus, check_transition
from census.domain.plan import JsonObject, Plan
from census.domain.plan_codec import plan_to_json
from census.ports.job_store import Job
from census.ports.queue import Queue
from census.ports.unit_of_work import Database, TenantWork
from census.ports.workflow import Workflow


def approve_job(
    database: Database,
    workflow: Workflow,
    reconcile_queue: Queue,
    caller: Caller,
    job_id: uuid.UUID,
    max_cost_usd: Decimal | None,
    plan: Plan | None,
) -> JsonObject:
    """Approve the caller's waiting job, with a corrected plan or a cap where given; the job afterwards.

    Raises NotFoundError, and ConflictError with the state when the job does not wait for approval.
    """
    with database.tenant(caller.tenant_id) as work:
        job = _own(work, caller, job_id)
        if job.status is not JobStatus.AWAITING_APPROVAL:
            raise ConflictError(
                f"The job is {job.status.value}; there is nothing to approve.", job.status.value
            )
        changes: dict[str, Any] = {"approve_above_usd": None}
        if plan is not None:
            changes["intent_data"] = plan_to_json(plan)
            changes["pinned_at"] = None  # nothing was read yet, and other filters are another collection
        _reopen(work, job, max_cost_usd, changes)
    return _started(database, workflow, reconcile_queue, caller, job_id)


def retry_job(
    database: Database,
    workflow: Workflow,
    reconcile_queue: Queue,
    caller: Caller,
    job_id: uuid.UUID,
    max_cost_usd: Decimal | None,
) -> JsonObject:
    """Reopen the caller's partial or failed job; the job afterwards.

    Raises NotFoundError, and ConflictError with the state when there is nothing to retry.
    """
    with database.tenant(caller.tenant_id) as work:
        job = _own(work, caller, job_id)
        check_transition(job.status, JobStatus.QUEUED, "retried")
        cleared = dict.fromkeys(("completed_at", "error_message", "error_details", "actual_duration_seconds"))
        _reopen(work, job, max_cost_usd, {**cleared, "approve_above_usd": None})
    return _started(database, workflow, reconcile_queue, caller, job_id)


def _own(work: TenantWork, caller: Caller, job_id: uuid.UUID) -> Job:
    job = work.jobs.get(job_id, lock=True)
    if job.user_id != caller.user_id:
        raise NotFoundError("job", job_id)
    return job


def _reopen(work: TenantWork, job: Job, max_cost_usd: Decimal | None, changes: dict[str, Any]) -> None:
    if max_cost_usd is not None:
        changes["cap_usd"] = max_cost_usd
    changes |= {"stopped_by": None, **_renewed_deadline(job)}
    work.jobs.change(job.id, status=JobStatus.QUEUED.value, current_phase=JobPhase.QUEUED.value, **changes)
    work.jobs.raise_generation(job.id)


def _renewed_deadline(job: Job) -> dict[str, Any]:
    """As much time as the job had at first: a job that ended at its deadline can so go on."""
    if job.deadline_at is None:
        return {}
    now = dt.datetime.now(dt.UTC)
    return {"started_at": now, "deadline_at": now + (job.deadline_at - (job.started_at or job.created_at))}


def _started(
    database: Database, workflow: Workflow, reconcile_queue: Queue, caller: Caller, job_id: uuid.UUID
) -> JsonObject:
    start_job(database, workflow, reconcile_queue, caller.tenant_id, job_id)
    with database.tenant(caller.tenant_id) as work:
        return describe_job(work, caller.user_id, job_id)
