"""From a question to its plan: one planning call, whose atoms are those of before where they are alike."""

import logging
from collections.abc import Sequence
from dataclasses import replace

from census.domain.errors import PlanInvalidError
from census.domain.plan import JsonObject, Plan
from census.domain.plan_atoms import adopt_atoms
from census.domain.plan_codec import plan_from_json
from census.ports.language_model import LanguageModel, PlanReply, PlanRequest

log = logging.getLogger(__name__)

PLANS_REMEMBERED = 5


def plan_question(model: LanguageModel, request: PlanRequest) -> PlanReply:
    """The planner's reply, its atoms worded as earlier ones that ask the same. Raises LanguageModelError."""
    reply = model.plan_question(request)
    return replace(reply, plan=adopt_atoms(reply.plan, request.earlier)) if reply.plan else reply


def plans_from_json(stored: Sequence[JsonObject]) -> tuple[Plan, ...]:
    """Stored plans; one that this version no longer reads is left out."""
    plans = []
    for data in stored:
        try:
            plans.append(plan_from_json(data))
        except PlanInvalidError as error:
            log.info("A stored plan is not used: %s", [problem.path for problem in error.problems])
    return tuple(plans)
