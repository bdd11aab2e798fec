"""Which way a question takes, and the plan where it asks the whole collection."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from census.domain.plan import Filters, Plan
from census.domain.routing import Route, Routing, route_question
from census.ports.language_model import (
    ModelBusyError,
    ModelReplyCutError,
    ModelReplyInvalidError,
    PlanReply,
    Usage,
)

log = logging.getLogger(__name__)
ASK_BACK = (
    "Please say more precisely what should be found in each document, and what should be counted or listed."
)


@dataclass(frozen=True)
class ChosenRoute:
    """The route; for the collection a plan, or none where PlanJob has to make it; else what to ask back.

    `usage`: what choosing it cost.
    """

    routing: Routing
    plan: Plan | None = None
    clarification: str | None = None
    usage: Usage = field(default_factory=Usage)


def choose_route(question: str, wish: str, plan: Callable[[bool], PlanReply]) -> ChosenRoute:
    """The route by the caller's wish (`auto`, `lookup`, `collection`), by rules, and by the planner.

    `plan` asks the planner, at most once; it is told whether the caller chose the collection. Raises
    ModelRefusalError and ModelUnusableError; a model that is busy or confused leaves the plan to PlanJob.
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
        reply = plan(forced)
    except (ModelBusyError, ModelReplyCutError, ModelReplyInvalidError) as error:
        log.warning("The question could not be planned now; its job will: %s", type(error).__name__)
        return ChosenRoute(routing, usage=error.usage)
    return replace(_by_planner(routing, reply), usage=reply.usage)


def _by_planner(routing: Routing, reply: PlanReply) -> ChosenRoute:
    if reply.route is Route.COLLECTION and reply.plan is not None:
        return ChosenRoute(routing, plan=reply.plan)
    if reply.route in (Route.LOOKUP, Route.METADATA):
        return ChosenRoute(Routing(reply.route, reply.reason))
    return ChosenRoute(
        Routing(Route.CLARIFICATION, reply.reason), clarification=reply.clarification or ASK_BACK
    )


def with_filters(plan: Plan, wanted: Filters) -> Plan:
    """The plan, the conditions that `wanted` sets in place of its own."""
    chosen = {name: value for name, value in vars(wanted).items() if value not in ((), None)}
    return replace(plan, filters=replace(plan.filters, **chosen))
