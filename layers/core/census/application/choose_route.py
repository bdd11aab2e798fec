"""Which way a question takes, and the plan where it asks the whole collection."""

import dataclasses
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from census.domain.errors import PlanInvalidError
from census.domain.plan import Filters, JsonObject, Plan
from census.domain.plan_codec import plan_from_json
from census.domain.routing import Route, Routing, route_question
from census.ports.language_model import (
    LanguageModel,
    ModelBusyError,
    ModelReplyCutError,
    ModelReplyInvalidError,
    PlanReply,
    PlanRequest,
)

log = logging.getLogger(__name__)
ASK_BACK = (
    "Please say more precisely what should be found in each document, and what should be counted or listed."
)


@dataclass(frozen=True)
class ChosenRoute:
    """The route; for the collection a plan, or none where PlanJob has to make it; else what to ask back."""

    routing: Routing
    plan: Plan | None = None
    clarification: str | None = None


def choose_route(
    question: str, wish: str, earlier: Sequence[JsonObject], model: Callable[[], LanguageModel]
) -> ChosenRoute:
    """The route by the caller's wish (`auto`, `lookup`, `collection`), by rules, and by the planner.

    Costs at most one planning call. Raises ModelRefusalError and ModelUnusableError; a model that is busy or
    confused leaves the plan to PlanJob.
    """
    if wish == Route.LOOKUP:
        return ChosenRoute(Routing(Route.LOOKUP, "Look-up: you chose it."))
    forced = wish == Route.COLLECTION
    routing = (
        Routing(Route.COLLECTION, "Whole collection: you chose it.") if forced else route_question(question)
    )
    if routing.route is not Route.COLLECTION:
        return ChosenRoute(routing)
    try:
        reply = model().plan_question(PlanRequest(question, _plans(earlier), forced))
    except (ModelBusyError, ModelReplyCutError, ModelReplyInvalidError) as error:
        log.warning("The question could not be planned now; its job will: %s", type(error).__name__)
        return ChosenRoute(routing)
    return _by_planner(routing, reply)


def _by_planner(routing: Routing, reply: PlanReply) -> ChosenRoute:
    if reply.route is Route.COLLECTION and reply.plan is not None:
        return ChosenRoute(routing, plan=reply.plan)
    if reply.route in (Route.LOOKUP, Route.METADATA):
        return ChosenRoute(Routing(reply.route, reply.reason))
    return ChosenRoute(
        Routing(Route.CLARIFICATION, reply.reason), clarification=reply.clarification or ASK_BACK
    )


def _plans(earlier: Sequence[JsonObject]) -> tuple[Plan, ...]:
    """The conversation's plans; one that this version no longer reads is left out."""
    plans = []
    for data in earlier:
        try:
            plans.append(plan_from_json(data))
        except PlanInvalidError as error:
            log.info("An earlier plan is not reused: %s", [problem.path for problem in error.problems])
    return tuple(plans)


def with_filters(plan: Plan, wanted: Filters) -> Plan:
    """The plan, the conditions that `wanted` sets in place of its own."""
    chosen = {name: value for name, value in vars(wanted).items() if value not in ((), None)}
    return dataclasses.replace(plan, filters=dataclasses.replace(plan.filters, **chosen))
