"""A plan is what the model drafts only after it was checked; one mending is asked for."""

import pytest

from census.domain.plan import AllOf, AnyOf, AtomRef, FieldRef, GroupBy, Kind, Negation, Transform
from census.domain.plan_codec import plan_to_json
from census.ports.language_model import (
    ModelBusyError,
    ModelReplyCutError,
    ModelReplyInvalidError,
    PlanRequest,
    Route,
    Usage,
)
from tests.model_server import Fault, FaultPlan, LoopbackServer, ModelServer, Reply, ScriptedBrain, json_reply
from tests.model_server.brains import Json
from tests.model_server.canned_plans import AUDIT, BY_YEAR, CAP, DATE, plan
from tests.openai.asking import PlanningBrain, Replies, completion, model_at

NESTED: Json = {"or": [{"atom": "audit_rights"}, {"not": {"and": [{"atom": "cap_on_liability"}]}}]}
QUESTION = PlanRequest("How many have audit rights, by year?")


def reply_with(draft: Json | None, route: str = "collection", clarification: str | None = None) -> Json:
    return {"route": route, "reason": "Because.", "clarification": clarification, "plan": draft}


GOOD = reply_with(plan("group_count", "audits", [AUDIT, CAP, DATE], NESTED, group_by=BY_YEAR, limit=9))
BAD = reply_with(plan("count", "audits", [AUDIT], {"atom": "no_such_atom"}))


def test_a_draft_becomes_a_checked_plan() -> None:
    with ModelServer(PlanningBrain([GOOD])) as server:
        reply = model_at(server.base_url).plan_question(QUESTION)
    assert reply.route is Route.COLLECTION
    assert reply.reason == "Because."
    assert reply.plan is not None
    assert reply.plan.kind is Kind.GROUP_COUNT
    assert reply.plan.limit == 9
    assert reply.plan.group_by == GroupBy(FieldRef("agreement_date", "date"), Transform.YEAR)
    negation = Negation(AllOf((AtomRef("cap_on_liability"),)))
    assert reply.plan.where == AnyOf((AtomRef("audit_rights"), negation))


def test_a_plan_that_cannot_be_executed_is_sent_back_once_with_its_problems() -> None:
    with ModelServer(PlanningBrain([BAD, GOOD])) as server:
        reply = model_at(server.base_url).plan_question(QUESTION)
        calls = server.calls
    assert reply.plan is not None
    assert len(calls) == 2
    assert reply.usage.calls == 2


def test_the_second_prompt_names_what_was_wrong() -> None:
    refused = json_reply(200, completion('{"route": "collection", "plan": {"kind": "guess"}}'))
    seen = Replies([refused])
    with LoopbackServer(seen) as server, pytest.raises(ModelReplyInvalidError, match="kind") as caught:
        model_at(server.base_url).plan_question(QUESTION)
    assert caught.value.usage == Usage(2, 140, 60, model="gpt-5-mini")
    asked_again = seen.bodies[1]["messages"]
    assert asked_again[:3] == seen.bodies[0]["messages"]
    assert "kind: must be one of" in asked_again[-1]["content"]


@pytest.mark.parametrize(
    "text",
    ["[]", "{}", "nonsense", '{"route": "collection", "plan": null}', '{"route": "clarification"}'],
)
def test_a_reply_that_is_no_plan_twice_is_invalid(text: str) -> None:
    twice = Replies([json_reply(200, completion(text))])
    with LoopbackServer(twice) as server, pytest.raises(ModelReplyInvalidError):
        model_at(server.base_url).plan_question(QUESTION)


def test_another_route_needs_no_plan() -> None:
    with ModelServer(PlanningBrain([reply_with(None, "lookup")])) as server:
        reply = model_at(server.base_url).plan_question(QUESTION)
    assert (reply.route, reply.plan) == (Route.LOOKUP, None)


def test_a_question_that_cannot_be_planned_is_asked_back() -> None:
    with ModelServer(ScriptedBrain()) as server:
        reply = model_at(server.base_url).plan_question(PlanRequest("Hm?"))
    assert reply.route is Route.CLARIFICATION
    assert "Hm?" in (reply.clarification or "")


def test_a_caller_who_chose_the_collection_is_not_sent_elsewhere() -> None:
    lax = json_reply(200, completion('{"route": "lookup", "reason": "", "plan": null}'))
    seen = Replies([lax])
    with LoopbackServer(seen) as server, pytest.raises(ModelReplyInvalidError, match="route"):
        model_at(server.base_url).plan_question(PlanRequest("How many?", forced=True))
    schema = seen.bodies[0]["response_format"]["json_schema"]["schema"]
    assert schema["properties"]["route"]["enum"] == ["collection", "clarification"]


def test_earlier_plans_go_with_the_question() -> None:
    with ModelServer(PlanningBrain([GOOD])) as server:
        earlier = model_at(server.base_url).plan_question(QUESTION).plan
    assert earlier is not None
    seen = Replies([json_reply(200, completion('{"route": "lookup", "reason": ""}'))])
    with LoopbackServer(seen) as server:
        model_at(server.base_url).plan_question(PlanRequest("And by month?", (earlier,)))
    said = seen.bodies[0]["messages"][1]["content"]
    assert all(atom["statement"] in said for atom in plan_to_json(earlier)["atoms"])


def test_a_cut_plan_is_not_mended_but_reported() -> None:
    faults = FaultPlan(first=9, kinds=(Fault.CUT,), purposes=frozenset({"plan"}))
    with ModelServer(ScriptedBrain(), faults) as server:
        with pytest.raises(ModelReplyCutError):
            model_at(server.base_url).plan_question(QUESTION)
        assert len(server.calls) == 1


def test_a_failure_while_mending_reports_what_the_first_reply_cost() -> None:
    replies = [json_reply(200, completion("{}")), Reply(503)]
    with LoopbackServer(Replies(replies)) as server, pytest.raises(ModelBusyError) as caught:
        model_at(server.base_url).plan_question(QUESTION)
    assert caught.value.usage == Usage(2, 70, 30, model="gpt-5-mini")
