"""What a question over the whole collection would cost, before anything is spent."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from census.application.charge_usage import charge_now
from census.application.check_budget import check_budget
from census.application.cut_contents import Workload, estimate_cost, windows_to_read
from census.application.plan_question import plan_question
from census.domain.batches import cut_batches
from census.domain.errors import FieldProblem, FieldsInvalidError
from census.domain.identity import Caller
from census.domain.plan import JsonObject, Plan
from census.domain.plan_codec import plan_to_json
from census.domain.readings import cache_key
from census.ports.job_store import Content
from census.ports.language_model import LanguageModel, LanguageModelError, PlanRequest, Usage
from census.ports.unit_of_work import Database

SECONDS_AROUND = 5
"""Planning, dispatching, waking workers and reducing."""
MODEL_SECONDS_A_CALL = 8.0
RULES_SECONDS_A_CALL = 0.05
SLOW_FACTOR = 1.8
"""From the median to the ninetieth percentile of a whole job: slow calls, retries, cold starts."""


@dataclass(frozen=True)
class EstimateTools:
    """What estimate_question works with. `price` turns usage into US dollars."""

    database: Database
    model: LanguageModel
    price: Callable[[Usage], Decimal]
    calls_in_flight: int


@dataclass(frozen=True)
class PlannedQuestion:
    """A plan, and what making it cost."""

    plan: Plan
    usage: Usage


def plan_for_estimate(
    tools: EstimateTools, caller: Caller, question: str, given: Plan | None
) -> PlannedQuestion:
    """The given plan, a kept one, or one made by one planning call, whose cost is charged to the user.

    Raises LanguageModelError, UnknownPriceError, BudgetUsedUpError, and FieldsInvalidError with what to ask
    back where no plan can be made.
    """
    if given is not None:
        return PlannedQuestion(given, Usage())
    tools.price(Usage())  # a model without a price is told now, not after it was paid
    with tools.database.tenant(caller.tenant_id) as work:
        check_budget(work, caller.user_id)
    try:
        request = PlanRequest(question, forced=True)
        reply = plan_question(tools.database, tools.model, caller.tenant_id, request)
    except LanguageModelError as error:
        charge_now(tools.database, tools.price, caller, error.usage)
        raise
    charge_now(tools.database, tools.price, caller, reply.usage)
    if reply.plan is None:
        raise FieldsInvalidError([FieldProblem("content", reply.clarification or reply.reason)])
    return PlannedQuestion(reply.plan, reply.usage)


def estimate_question(tools: EstimateTools, caller: Caller, plan: Plan, planning: Usage) -> JsonObject:
    """The estimate for a plan as api.md gives it; makes no job. `planning`: what the plan itself cost."""
    keys = tuple(cache_key(a, tools.model.name, tools.model.contract_version) for a in plan.atoms)
    with tools.database.tenant(caller.tenant_id) as work:
        documents = work.items.preview(plan.filters)
        contents = distinct_contents(documents)
        known = work.items.known([content.content_hash for content in contents], keys)
    batches = cut_batches(windows_to_read(contents, known, keys))
    to_read = {item for batch in batches for item, _ in batch.windows}
    load = Workload.of(batches)
    low, high = estimate_cost(tools.price, load, tools.model.strong_name)
    spent = tools.price(planning)
    p50, p90 = estimate_seconds(len(batches), tools.calls_in_flight, tools.model.name)
    return {
        "plan": plan_to_json(plan),
        "items": len(documents),
        "cached": sum(content.items for content in contents if content.lead not in to_read),
        "calls": len(batches) + planning.calls,
        "tokens": load.prompt_tokens + load.reply_tokens + planning.input_tokens + planning.output_tokens,
        "cost_usd": {"low": float(low + spent), "high": float(high + spent)},
        "seconds": {"p50": p50, "p90": p90},
    }


def distinct_contents(documents: Sequence[Content | None]) -> list[Content]:
    """One entry a content, in order, with the number of documents that share it."""
    distinct: dict[str, Content] = {}
    for content in documents:
        if content is not None:
            first = distinct.get(content.content_hash)
            distinct[content.content_hash] = replace(first, items=first.items + 1) if first else content
    return list(distinct.values())


def estimate_seconds(calls: int, calls_in_flight: int, model: str) -> tuple[int, int]:
    """Seconds from asking to the answer, median and ninetieth percentile."""
    a_call = RULES_SECONDS_A_CALL if model == "lexical" else MODEL_SECONDS_A_CALL
    reading = math.ceil(calls / calls_in_flight) * a_call
    return math.ceil(SECONDS_AROUND + reading), math.ceil((SECONDS_AROUND + reading) * SLOW_FACTOR)
