"""Make a question over the whole collection a row, so that it can no longer be lost."""

import uuid
from decimal import Decimal

from census.application.check_budget import check_budget
from census.domain.plan_codec import filters_to_json, plan_to_json
from census.ports.job_store import JobQuestion, JobToOpen
from census.ports.unit_of_work import TenantWork


def open_job(work: TenantWork, asked: JobQuestion, deadline_seconds: int, *, free: bool = False) -> uuid.UUID:
    """Insert a queued job within the caller's transaction; its id. `start_job` follows after the commit.

    Raises BudgetUsedUpError when a budget leaves the user nothing; `free`: the job calls no model anyway.
    """
    if not free:
        check_budget(work, asked.user_id)
    return work.jobs.open(
        JobToOpen(
            user_id=asked.user_id,
            conversation_id=asked.conversation_id,
            message_id=asked.message_id,
            question=asked.question,
            plan=plan_to_json(asked.plan) if asked.plan else None,
            filters=filters_to_json(asked.filters),
            deadline_seconds=deadline_seconds,
            cap_usd=asked.max_cost_usd,
            approve_above_usd=_approve_above(work, asked),
        )
    )


def _approve_above(work: TenantWork, asked: JobQuestion) -> Decimal | None:
    """What the question says, else the default of its user or tenant."""
    if asked.approve_above_usd is not None:
        return asked.approve_above_usd
    return work.budgets.approve_above(asked.user_id)
