"""GET /usage: what the caller spent today and this month, what limits it, and what is left."""

import datetime as dt
import uuid
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import text

from census import bootstrap
from census.application.plan_job import plan_job
from tests.api.conftest import ApiClient
from tests.api.documents import ALICE, add_document
from tests.api.model import model_behind
from tests.api.work import answer_job
from tests.model_server import ScriptedBrain
from tests.model_server.canned_plans import atom, plan

NOTHING = {"calls": 0, "input_tokens": 0, "output_tokens": 0, "usd": 0.0}
NO_LIMITS = {"daily_usd": None, "monthly_usd": None, "approve_above_usd": None}
PROMISES = plan(
    "count", "documents that promise", [atom("promise", "The document promises.")], {"atom": "promise"}
)
BRAIN = ScriptedBrain(
    plans={"promise": {"route": "collection", "reason": "r", "clarification": None, "plan": PROMISES}},
    words={"promises": "promises"},
)
QUESTION = {"content": "How many documents promise?", "route": "collection"}


def run(statement: str, **values: Any) -> None:
    with bootstrap.database().tenant(ALICE.tenant_id) as work:
        work.session.execute(text(statement), values)


def limit(subject: uuid.UUID, **columns: str) -> None:
    names, values = ", ".join(columns), ", ".join(f":{name}" for name in columns)
    run(f"INSERT INTO budgets (subject, {names}) VALUES (:subject, {values})", subject=subject, **columns)


def spend(day: dt.date, usd: str, user: uuid.UUID = ALICE.user_id) -> None:
    run(
        "INSERT INTO spending (user_id, day, job_id, calls, input_tokens, output_tokens, usd)"
        " VALUES (:user, :day, :job, 2, 300, 40, :usd)",
        user=user,
        day=day,
        job=uuid.uuid4(),
        usd=Decimal(usd),
    )


def test_somebody_new_has_spent_nothing_and_has_no_limits(api: ApiClient) -> None:
    answer = api.get("/usage")
    assert answer.status == 200
    assert answer.json == {
        "today": NOTHING,
        "this_month": NOTHING,
        "reserved_usd": 0.0,
        "limits": {"user": NO_LIMITS, "tenant": NO_LIMITS},
        "left_usd": None,
    }


def test_a_month_holds_today_and_its_other_days_and_not_the_month_before(api: ApiClient) -> None:
    today = dt.datetime.now(dt.UTC).date()
    first = today.replace(day=1)
    days = {today: "0.5", first - dt.timedelta(days=1): "4"} | ({first: "0.25"} if first < today else {})
    for day, usd in days.items():
        spend(day, usd)
    found = api.get("/usage").json
    assert found["today"] == {"calls": 2, "input_tokens": 300, "output_tokens": 40, "usd": 0.5}
    other = int(first < today)
    assert found["this_month"] == {
        "calls": 2 + 2 * other,
        "input_tokens": 300 + 300 * other,
        "output_tokens": 40 + 40 * other,
        "usd": 0.5 + 0.25 * other,
    }


def test_a_job_is_found_in_the_usage_of_who_asked_and_of_nobody_else(
    api: ApiClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_document("a.txt", "This one promises.")
    with model_behind(monkeypatch, BRAIN):
        job = api.post(f"/conversations/{api.conversation()}/messages", QUESTION).json["job"]["id"]
        answer_job(job)
        cost = api.get(f"/jobs/{job}").json["cost"]["spent_usd"]
        today = api.get("/usage").json["today"]
    assert today["usd"] == pytest.approx(cost)
    assert cost > 0
    assert today["calls"] == 2, "one for the plan, one for the reading"
    assert api.another("bob", "acme").get("/usage").json["today"] == NOTHING
    assert api.another("alice", "globex").get("/usage").json["today"] == NOTHING


def test_left_is_what_the_narrowest_limit_leaves(api: ApiClient) -> None:
    today = dt.datetime.now(dt.UTC).date()
    limit(ALICE.user_id, daily_usd="3", monthly_usd="10")
    limit(ALICE.tenant_id, monthly_usd="2.5", approve_above_usd="1")
    spend(today, "0.5")
    spend(today, "0.75", user=uuid.uuid4())
    found = api.get("/usage").json
    assert found["limits"]["user"] == {"daily_usd": 3.0, "monthly_usd": 10.0, "approve_above_usd": None}
    assert found["limits"]["tenant"] == {"daily_usd": None, "monthly_usd": 2.5, "approve_above_usd": 1.0}
    assert found["left_usd"] == 1.25, "the tenant's 2.50 less what both users spent"


def test_what_is_overspent_leaves_nothing_and_not_less(api: ApiClient) -> None:
    limit(ALICE.user_id, daily_usd="1")
    spend(dt.datetime.now(dt.UTC).date(), "1.5")
    assert api.get("/usage").json["left_usd"] == 0.0


@pytest.mark.parametrize("whose", ["user", "tenant"])
def test_a_job_dearer_than_the_default_of_its_user_or_tenant_waits_for_approval(
    api: ApiClient, monkeypatch: pytest.MonkeyPatch, whose: str
) -> None:
    limit(ALICE.user_id if whose == "user" else ALICE.tenant_id, approve_above_usd="0")
    add_document("a.txt", "This one promises.")
    with model_behind(monkeypatch, BRAIN):
        assert status_of_a_question(api) == "awaiting_approval"
        assert status_of_a_question(api, approve_above_usd=5) == "processing", "the question's own goes first"


def test_the_users_own_default_goes_before_the_tenants(
    api: ApiClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    limit(ALICE.tenant_id, approve_above_usd="0")
    limit(ALICE.user_id, approve_above_usd="5")
    add_document("a.txt", "This one promises.")
    with model_behind(monkeypatch, BRAIN):
        assert status_of_a_question(api) == "processing"


def status_of_a_question(api: ApiClient, **asked: float) -> str:
    """The status of its job once it is planned and priced."""
    asked_job = api.post(f"/conversations/{api.conversation()}/messages", {**QUESTION, **asked}).json["job"]
    plan_job(bootstrap.plan_tools(), ALICE.tenant_id, uuid.UUID(asked_job["id"]), 1)
    return str(api.get(f"/jobs/{asked_job['id']}").json["status"])
