"""Aggregate the rows of a job anew: a new job over the same documents, without a single model call."""

import uuid
from dataclasses import replace
from typing import Any

from census.application.describe_job import describe_job
from census.application.open_job import open_job
from census.application.start_job import start_job
from census.domain.errors import ConflictError, NotFoundError
from census.domain.identity import Caller
from census.domain.jobs import JobStatus
from census.domain.plan import JsonObject, Kind, Plan, Unit
from census.domain.plan_codec import filters_from_json, plan_from_json, plan_to_json
from census.ports.job_store import Job, JobQuestion
from census.ports.queue import Queue
from census.ports.unit_of_work import Database, TenantWork
from census.ports.workflow import Workflow

CHANGEABLE = ("kind", "group_by", "order", "limit", "merge", "unit", "compare", "measure", "where")
_OF_ENTITIES = {kind for kind in Kind if not (kind.measures or kind.folds)}
NEVER_NULL = ("kind", "order")


def regroup_job(
    database: Database,
    workflow: Workflow,
    reconcile_queue: Queue,
    caller: Caller,
    job_id: uuid.UUID,
    changes: JsonObject,
    deadline_seconds: int,
) -> JsonObject:
    """Open a job with the same documents and atoms and these `changes` to the plan; the new job.

    `changes` holds some of CHANGEABLE. Raises NotFoundError, ConflictError unless the job has read all its
    documents, PlanInvalidError naming each bad field.
    """
    with database.tenant(caller.tenant_id) as work:
        job = work.jobs.get(job_id)
        if job.user_id != caller.user_id:
            raise NotFoundError("job", job_id)
        plan = changed_plan(job, changes)
        new_id = _open(work, caller, job, plan, deadline_seconds)
    start_job(database, workflow, reconcile_queue, caller.tenant_id, new_id)
    with database.tenant(caller.tenant_id) as work:
        return describe_job(work, caller.user_id, new_id)


def changed_plan(job: Job, changes: JsonObject) -> Plan:
    """The job's plan with the changes; the atoms stay, so nothing has to be read again.

    Sides and a unit that do not go with a new kind are left behind, unless the changes name them.
    """
    if job.plan is None or job.pinned_at is None or job.status is not JobStatus.COMPLETED:
        state = job.status.value
        message = (
            f"The job is {state}; only one that has read all its documents can be regrouped. Retry it first."
        )
        raise ConflictError(message, state)
    wanted: dict[str, Any] = {
        name: changes[name]
        for name in CHANGEABLE
        if name in changes and not (name in NEVER_NULL and changes[name] is None)
    }
    return plan_from_json({**job.plan, **_left_behind({**job.plan, **wanted}), **wanted})


def _left_behind(plan: JsonObject) -> JsonObject:
    """What an earlier kind needed and this one refuses."""
    kind, unit = plan.get("kind"), plan.get("unit")
    left: dict[str, Any] = {} if kind == Kind.COMPARE else {"compare": []}
    if kind == Kind.COMPARE or (
        unit == Unit.ENTITY and (kind not in _OF_ENTITIES or not plan.get("group_by"))
    ):
        left["unit"] = Unit.DOCUMENT.value
    return left


def _open(work: TenantWork, caller: Caller, job: Job, plan: Plan, deadline_seconds: int) -> uuid.UUID:
    message = work.conversations.add_answer(job.conversation_id, None, None)
    asked = JobQuestion(
        user_id=caller.user_id,
        conversation_id=job.conversation_id,
        message_id=message.id,
        question=job.question,
        plan=replace(plan, filters=filters_from_json(job.filters or plan_to_json(plan)["filters"])),
    )
    new_id = open_job(work, asked, deadline_seconds, free=not plan.kind.folds)
    work.conversations.link_job(message.id, new_id)
    work.items.copy(job.id, new_id)
    work.jobs.change(new_id, pinned_at=job.pinned_at)
    return new_id
