"""Plan a job: pin the collection, take what is known already, cut the rest into batches, price it.

Everything is written in one transaction, so a job is planned or it is not. Planning again changes nothing.
"""

import datetime as dt
import uuid
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from census.application.charge_usage import charge_usage
from census.application.check_budget import BudgetUsedUpError, check_budget
from census.application.cut_contents import Workload, estimate_cost
from census.application.end_job import end_failed
from census.application.plan_question import PLANS_REMEMBERED, plan_question, plans_from_json
from census.domain.batches import Batch, BatchCutter
from census.domain.facts import JobPlanned
from census.domain.jobs import JobPhase, JobStatus
from census.domain.plan import Plan
from census.domain.plan_codec import filters_from_json, plan_from_json, plan_to_json
from census.domain.prices import UnknownPriceError
from census.domain.readings import cache_key
from census.ports.job_store import Job
from census.ports.language_model import LanguageModel, LanguageModelError, PlanReply, PlanRequest, Usage
from census.ports.unit_of_work import Database, TenantWork

STATE_MACHINE_GRACE_SECONDS = 3600


@dataclass(frozen=True)
class PlanTools:
    """What plan_job works with. `price` turns usage into US dollars."""

    database: Database
    model: LanguageModel
    price: Callable[[Usage], Decimal]


@dataclass(frozen=True)
class Planned:
    """What the state machine does next: `dispatch`, or `end` when somebody else decides."""

    next: str
    map_timeout_seconds: int


def plan_job(tools: PlanTools, tenant_id: uuid.UUID, job_id: uuid.UUID, generation: int) -> Planned:
    """Plan the job led by this generation. Without a price, or with a budget used up, it ends unplanned.

    Raises LanguageModelError and database errors: try again.
    """
    with tools.database.tenant(tenant_id) as work:
        job = work.jobs.get(job_id, lock=True)
        if not _led_by(job, generation):
            return Planned("end", 1)
        if job.phase in (JobPhase.MAPPING, JobPhase.REDUCING):
            return _dispatch(job)
        work.jobs.change(
            job_id,
            status=JobStatus.PROCESSING.value,
            current_phase=JobPhase.PLANNING.value,
            model=tools.model.name,
        )
    try:
        tools.price(Usage())
        plan = _plan_of(tools, job)
        if plan is None:
            return Planned("end", 1)
        return _pinned(tools, tenant_id, job_id, generation, plan)
    except (UnknownPriceError, BudgetUsedUpError) as error:
        code = "budget" if isinstance(error, BudgetUsedUpError) else "unknown_price"
        with tools.database.tenant(tenant_id) as work:
            job = work.jobs.get(job_id, lock=True)
            if _led_by(job, generation):
                end_failed(work, job, code, str(error))
        return Planned("end", 1)


def _pinned(
    tools: PlanTools, tenant_id: uuid.UUID, job_id: uuid.UUID, generation: int, plan: Plan
) -> Planned:
    with tools.database.tenant(tenant_id) as work:
        job = work.jobs.get(job_id, lock=True)
        if not _led_by(job, generation):
            return Planned("end", 1)
        return _pin_and_cut(tools, work, job, plan)


def _led_by(job: Job, generation: int) -> bool:
    return job.started_generation == generation and job.status in (JobStatus.QUEUED, JobStatus.PROCESSING)


def _dispatch(job: Job) -> Planned:
    deadline = job.deadline_at or dt.datetime.now(dt.UTC)
    left = int((deadline - dt.datetime.now(dt.UTC)).total_seconds())
    return Planned("dispatch", max(1, left) + STATE_MACHINE_GRACE_SECONDS)


def _plan_of(tools: PlanTools, job: Job) -> Plan | None:
    """The job's plan, made now where the question came without one; None when the job ended instead."""
    if job.plan is not None:
        return plan_from_json(job.plan)
    reply = _planned(tools, job)
    with tools.database.tenant(job.tenant_id) as work:
        charge_usage(work, tools.price, job.user_id, reply.usage, job.id)
        if reply.plan is None:
            end_failed(work, job, "clarification_needed", reply.clarification or reply.reason)
            return None
    plan = reply.plan
    if job.filters:
        plan = replace(plan, filters=filters_from_json(job.filters))
    return plan


def _planned(tools: PlanTools, job: Job) -> PlanReply:
    """The planner's reply; what a failed call cost is charged to the job before it raises.

    Raises BudgetUsedUpError, LanguageModelError.
    """
    with tools.database.tenant(job.tenant_id) as work:
        check_budget(work, job.user_id)
        earlier = work.conversations.recent_plans(job.conversation_id, PLANS_REMEMBERED)
    request = PlanRequest(job.question, plans_from_json(earlier), forced=True)
    try:
        return plan_question(tools.database, tools.model, job.tenant_id, request)
    except LanguageModelError as error:
        with tools.database.tenant(job.tenant_id) as work:
            charge_usage(work, tools.price, job.user_id, error.usage, job.id)
        raise


def _pin_and_cut(tools: PlanTools, work: TenantWork, job: Job, plan: Plan) -> Planned:
    """Pin the collection, or reopen what an earlier run could not read; put batches in place of open ones."""
    if job.pinned_at is None:
        work.items.pin(job.id, plan.filters)
    else:
        work.items.reopen(job.id)
    keys = [cache_key(atom, tools.model.name, tools.model.contract_version) for atom in plan.atoms]
    cut = _cut(work, job.id, keys)
    low, high = estimate_cost(tools.price, cut.load, tools.model.strong_name)
    waits = job.approve_above_usd is not None and high > job.approve_above_usd
    work.jobs.change(
        job.id,
        status=(JobStatus.AWAITING_APPROVAL if waits else JobStatus.PROCESSING).value,
        current_phase=(JobPhase.QUEUED if waits else JobPhase.MAPPING).value,
        intent_data=plan_to_json(plan),
        pinned_at=job.pinned_at or dt.datetime.now(dt.UTC),
        estimated_low_usd=low,
        estimated_high_usd=high,
        **_counters(work, job, cut),
    )
    work.note(JobPlanned(cut.total, cut.total - cut.waiting))
    return Planned("end", 1) if waits else _dispatch(job)


@dataclass(frozen=True)
class _Cut:
    """What there is to read: the documents, how many of them wait for batches, and the batches' workload."""

    total: int
    waiting: int
    load: Workload


def _cut(work: TenantWork, job_id: uuid.UUID, keys: Sequence[str]) -> _Cut:
    """Cut and store what no cached result answers, some contents at a time: memory stays flat."""
    # Numbered on from the dropped ones too: a late outcome of one of those must close none of these.
    cutter = BatchCutter(first_ordinal=work.batches.last_ordinal(job_id) + 1)
    work.batches.drop_open(job_id)
    load, waiting = Workload(), 0
    for unread in work.items.unread(job_id, keys):
        waiting += sum(content.items for content in unread)
        load += _stored(work, job_id, cutter.cut(window for content in unread for window in content.windows))
    load += _stored(work, job_id, cutter.rest())
    return _Cut(work.items.count(job_id), waiting, load)


def _stored(work: TenantWork, job_id: uuid.UUID, batches: Iterable[Batch]) -> Workload:
    kept = list(batches)
    work.batches.add(job_id, kept)
    return Workload.of(kept)


def _counters(work: TenantWork, job: Job, cut: _Cut) -> dict[str, Any]:
    """The job's counters after planning. Documents processed once stay processed: progress never falls."""
    done = work.batches.count_done(job.id)
    return {
        "total_items": cut.total,
        "processed_items": min(cut.total, max(job.processed_items, cut.total - cut.waiting)),
        "total_batches": done + cut.load.calls,
        "processed_batches": done,
        "failed_batches": 0,
        "remaining": cut.load.calls,
        "reserved_usd": 0,  # by claims of batches that are dropped
        "mapping_since": dt.datetime.now(dt.UTC),
        "planned_tokens": cut.load.tokens,
        "read_tokens": 0,
        "shown_at": None,
    }


def planned_to_json(planned: Planned, event: dict[str, Any]) -> dict[str, Any]:
    """The state machine's data after planning: its input, and what comes next."""
    return {**event, "next": planned.next, "map_timeout_seconds": planned.map_timeout_seconds}
