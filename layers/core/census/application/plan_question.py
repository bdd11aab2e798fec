"""From a question to its plan: a kept one, or one planning call whose atoms are those of before if alike."""

import logging
import uuid
from collections.abc import Sequence
from dataclasses import replace

from census.domain.errors import PlanInvalidError
from census.domain.plan import JsonObject, Plan
from census.domain.plan_atoms import adopt_atoms
from census.domain.plan_codec import plan_from_json, plan_to_json
from census.domain.question_key import question_key
from census.domain.routing import Route
from census.ports.language_model import LanguageModel, PlanReply, PlanRequest
from census.ports.unit_of_work import Database

log = logging.getLogger(__name__)

PLANS_REMEMBERED = 5
KEPT_REASON = "Whole collection: this question was planned before."


def plan_question(
    database: Database, model: LanguageModel, tenant_id: uuid.UUID, request: PlanRequest
) -> PlanReply:
    """The plan that the tenant's question had before, at no cost, or else the planner's reply.

    Plans that were paid for are kept, whatever becomes of the question. Raises LanguageModelError.
    """
    key = question_key(request.question, request.earlier, model.planner_version)
    with database.tenant(tenant_id) as work:
        kept = plans_from_json([found] if (found := work.conversations.kept_plan(key)) else [])
    if kept:
        return PlanReply(Route.COLLECTION, KEPT_REASON, kept[0])
    reply = model.plan_question(request)
    if reply.plan is None:
        return reply
    plan = adopt_atoms(reply.plan, request.earlier)
    if reply.usage.by_model():
        with database.tenant(tenant_id) as work:
            work.conversations.keep_plan(key, plan_to_json(plan))
    return replace(reply, plan=plan)


def plans_from_json(stored: Sequence[JsonObject]) -> tuple[Plan, ...]:
    """Stored plans; one that this version no longer reads is left out."""
    plans = []
    for data in stored:
        try:
            plans.append(plan_from_json(data))
        except PlanInvalidError as error:
            log.info("A stored plan is not used: %s", [problem.path for problem in error.problems])
    return tuple(plans)
