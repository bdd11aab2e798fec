"""What planning costs is charged: to the job that comes of it, and it is told before anything else."""

from collections.abc import Iterator
from decimal import Decimal
from uuid import UUID

import pytest
from sqlalchemy import text

from census import bootstrap
from census.application.charge_usage import CHARGED
from census.application.plan_job import plan_job
from census.domain.prices import cost, price_of
from census.ports.language_model import ModelReplyInvalidError
from tests.api.conftest import ApiClient, LogLines
from tests.api.documents import ALICE, add_document
from tests.api.events import Answer
from tests.api.model import model_behind
from tests.model_server import Fault, FaultPlan, ModelServer, ScriptedBrain
from tests.model_server.canned_plans import AUDIT, plan
from tests.model_server.faults import NO_FAULTS

AUDITED = plan("count", "contracts with audit rights", [AUDIT], {"atom": "audit_rights"})
PASSAGES = {"route": "lookup", "reason": "A few passages do.", "clarification": None, "plan": None}
BRAIN = ScriptedBrain(
    plans={
        "audit": {"route": "collection", "reason": "Every one.", "clarification": None, "plan": AUDITED},
        "rainbow": PASSAGES,
    },
    words={"audit": "audit"},
)
QUESTION = {"content": "How many contracts grant audit rights?"}
LOOK_UP = {"content": "How many contracts mention a rainbow?"}
UNCLEAR = {"content": "How many contracts are good?"}


@pytest.fixture
def server(
    request: pytest.FixtureRequest, environment: None, monkeypatch: pytest.MonkeyPatch
) -> Iterator[ModelServer]:
    with model_behind(monkeypatch, BRAIN, getattr(request, "param", NO_FAULTS)) as running:
        yield running


def spending(api: ApiClient) -> list[tuple[int, int, int, Decimal]]:
    """Calls, tokens in, tokens out and dollars of each of the tenant's jobs."""
    columns = "calls, input_tokens, output_tokens, spent_usd"
    with bootstrap.database().tenant(ALICE.tenant_id) as work:
        rows = work.session.execute(text(f"SELECT {columns} FROM processing_jobs ORDER BY created_at"))
        return [(row.calls, row.input_tokens, row.output_tokens, row.spent_usd) for row in rows]


def planning_calls(server: ModelServer) -> int:
    return sum(call.purpose == "plan" for call in server.calls)


def ask(api: ApiClient, body: dict[str, str]) -> Answer:
    return api.post(f"/conversations/{api.conversation()}/messages", body)


def test_the_planning_call_is_on_the_job_it_led_to(api: ApiClient, server: ModelServer) -> None:
    job = ask(api, QUESTION).json["job"]

    ((calls, into, out, spent),) = spending(api)
    assert calls == planning_calls(server) == 1
    assert into > 500
    assert spent == cost(price_of("gpt-5-mini"), input_tokens=into, output_tokens=out) > 0
    assert Decimal(str(job["cost"]["spent_usd"])) == spent


@pytest.mark.parametrize(
    "server", [FaultPlan(first=1, kinds=(Fault.BAD_JSON,), purposes=frozenset({"plan"}))], indirect=True
)
def test_a_plan_made_by_the_job_is_charged_with_the_replies_that_were_none(
    api: ApiClient, server: ModelServer
) -> None:
    add_document("a.txt", "We may audit you.")
    job = ask(api, QUESTION).json["job"]
    assert job["intent_data"] is None
    ((calls_of_asking, *_),) = spending(api)

    plan_job(bootstrap.plan_tools(), ALICE.tenant_id, UUID(job["id"]), 1)

    ((calls, _, _, spent),) = spending(api)
    assert (calls_of_asking, calls) == (2, 3)
    assert planning_calls(server) == 3
    assert spent > 0
    assert api.get(f"/jobs/{job['id']}").json["intent_data"]["kind"] == "count"


@pytest.mark.parametrize(
    "server", [FaultPlan(rate=1, kinds=(Fault.BAD_JSON,), purposes=frozenset({"plan"}))], indirect=True
)
def test_planning_that_fails_for_ever_is_charged_each_time(api: ApiClient, server: ModelServer) -> None:
    job = ask(api, QUESTION).json["job"]
    for _ in range(2):
        with pytest.raises(ModelReplyInvalidError):
            plan_job(bootstrap.plan_tools(), ALICE.tenant_id, UUID(job["id"]), 1)
    ((calls, *_),) = spending(api)
    assert calls == planning_calls(server) == 6


def test_a_question_back_costs_a_call_and_makes_no_job(
    api: ApiClient, server: ModelServer, log_lines: LogLines
) -> None:
    answer = ask(api, UNCLEAR)
    assert (answer.status, answer.json["route"]["kind"]) == (201, "clarification")
    assert planning_calls(server) == 1
    assert spending(api) == []
    (charged,) = [line for line in log_lines() if line["message"] == CHARGED]
    assert charged["calls"] == 1
    assert Decimal(charged["usd"]) > 0


def test_a_model_without_a_price_is_told_before_it_is_called(
    api: ApiClient, server: ModelServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MODEL_NAME", "house-model")
    bootstrap.forget()
    for answer in (ask(api, QUESTION), api.post("/estimates", QUESTION)):
        assert (answer.status, answer.json["type"]) == (503, "/problems/unknown-price")
        assert "MODEL_PRICES" in answer.json["detail"]
        assert "house-model" in answer.json["detail"]
    assert server.calls == []


def test_a_job_whose_model_lost_its_price_ends_with_the_cause(
    api: ApiClient, server: ModelServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_document("a.txt", "We may audit you.")
    job = ask(api, QUESTION).json["job"]
    monkeypatch.setenv("STRONG_MODEL_NAME", "house-large")
    bootstrap.forget()

    assert plan_job(bootstrap.plan_tools(), ALICE.tenant_id, UUID(job["id"]), 1).next == "end"

    ended = api.get(f"/jobs/{job['id']}").json
    assert (ended["status"], ended["error_details"]["code"]) == ("failed", "unknown_price")
    assert "house-large" in ended["error_message"]
    assert server.map_calls == []


def paid(api: ApiClient, server: ModelServer, embeddings: int = 0) -> bool:
    """Whether every call of the language model, so many embeddings and no other call are in today's usage."""
    today = api.get("/usage").json["today"]
    return bool(today["calls"] == len(chats(server)) + embeddings and today["usd"] > 0)


def chats(server: ModelServer) -> list[str]:
    """What the language model was called for."""
    return [call.purpose for call in server.calls if call.purpose != "embed"]


def limit(usd: str) -> None:
    with bootstrap.database().tenant(ALICE.tenant_id) as work:
        statement = text("INSERT INTO budgets (subject, daily_usd) VALUES (:user, :usd)")
        work.session.execute(statement, {"user": ALICE.user_id, "usd": Decimal(usd)})


def test_a_plan_that_used_up_the_budget_is_charged_though_no_job_is_opened(
    api: ApiClient, server: ModelServer
) -> None:
    limit("0.000001")
    answer = ask(api, QUESTION)
    assert (answer.status, answer.json["state"]) == (409, "budget_used_up")
    assert spending(api) == []
    assert planning_calls(server) == 1
    assert paid(api, server)


def test_a_plan_is_charged_when_its_question_is_turned_down(api: ApiClient, server: ModelServer) -> None:
    answer = api.post(
        f"/conversations/{api.conversation()}/messages", {**LOOK_UP, "filters": {"tags": ["x"]}}
    )
    assert (answer.status, answer.bad_paths) == (422, ["filters"])
    assert planning_calls(server) == 1
    assert paid(api, server)


@pytest.mark.parametrize(
    "server", [FaultPlan(rate=1, kinds=(Fault.BAD_JSON,), purposes=frozenset({"lookup"}))], indirect=True
)
def test_planning_is_charged_when_the_look_up_after_it_fails(api: ApiClient, server: ModelServer) -> None:
    add_document("a.txt", "The Acme rainbow has seven colours.")
    assert ask(api, LOOK_UP).status == 503
    assert chats(server) == ["plan", "lookup"]
    assert paid(api, server, embeddings=1)


def test_what_a_job_takes_over_is_charged_once(api: ApiClient, server: ModelServer) -> None:
    job = ask(api, QUESTION).json["job"]
    today = api.get("/usage").json["today"]
    assert today["calls"] == 1
    assert today["usd"] == job["cost"]["spent_usd"] > 0


@pytest.mark.parametrize("route", ["auto", "lookup", "collection"])
def test_without_money_nothing_is_asked_of_the_model(api: ApiClient, server: ModelServer, route: str) -> None:
    add_document("a.txt", "The Acme rainbow has seven colours.")
    limit("0")
    answer = ask(api, {**LOOK_UP, "route": route})
    assert (answer.status, answer.json["state"]) == (409, "budget_used_up")
    assert chats(server) == []


def test_without_money_no_estimate_is_planned_but_a_plan_is_priced(
    api: ApiClient, server: ModelServer
) -> None:
    plan = api.post("/estimates", QUESTION).json["plan"]
    limit("0")
    asked = len(server.calls)
    assert api.post("/estimates", {"content": "How many contracts allow an audit?"}).status == 409
    assert api.post("/estimates", {**QUESTION, "plan": plan}).status == 200
    assert len(server.calls) == asked
