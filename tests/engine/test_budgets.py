"""What a user and a tenant may spend: all jobs under a budget share what is left of it."""

import datetime as dt
import uuid
from concurrent.futures import ThreadPoolExecutor, wait
from decimal import Decimal

import pytest

from census.adapters.postgres.database import PostgresDatabase
from census.domain.errors import ConflictError
from census.ports.job_store import BatchKey, BatchPrice, Claims
from census.ports.language_model import ReadRequest
from tests.engine.going_on import cancel, retry
from tests.engine.house import EngineHouse, price
from tests.engine.paid_jobs import DOCUMENTS, asked, dead_claim, led, money, set_budget
from tests.engine.started_jobs import add_audits
from tests.fakes.scripted_model import COST, ScriptedLanguageModel


def test_what_a_dead_claim_reserved_is_free_when_its_job_ends(house: EngineHouse) -> None:
    set_budget(house, house.caller.user_id, "0.2")
    dead_claim(house, job_id := asked(house, None, documents=2), "0.19")
    assert money(house) == (Decimal("0.19"), Decimal("0.01"))
    cancel(house, job_id)
    assert money(house) == (Decimal(0), Decimal("0.2"))
    assert house.job(job_id).reserved_usd == 0


def test_a_reservation_that_an_ended_job_still_shows_binds_nobody(house: EngineHouse) -> None:
    set_budget(house, house.caller.user_id, "0.2")
    dead_claim(house, job_id := asked(house, None, documents=2), "0.19")
    house.set_job(job_id, status="failed", completed_at=dt.datetime.now(dt.UTC))
    assert money(house) == (Decimal(0), Decimal("0.2"))


@pytest.mark.parametrize("whose", ["user", "tenant"])
def test_a_job_waits_for_what_another_under_its_budget_holds(house: EngineHouse, whose: str) -> None:
    set_budget(house, house.caller.user_id if whose == "user" else house.tenant_id, "0.2")
    one, other = asked(house, None, documents=1), asked(house, None, documents=1)
    if whose == "tenant":
        house.set_job(one, user_id=somebody_else(house))
    for job_id in (one, other):
        house.plan(job_id)
        house.dispatch(job_id)
    assert claimed(house, one).batches
    waiting = claimed(house, other)
    assert (len(waiting.unaffordable), waiting.stopped) == (1, ())
    house.expire_claims(one)
    assert claimed(house, other).stopped == (other,)
    assert house.job(other).stopped_by == "budget"


def test_a_job_does_not_wait_for_what_others_hold_of_their_own_budgets(house: EngineHouse) -> None:
    set_budget(house, house.caller.user_id, "0.1")
    set_budget(house, house.tenant_id, "100")
    one, other = asked(house, None, documents=1), asked(house, None, documents=1)
    house.set_job(one, user_id=somebody_else(house))
    for job_id in (one, other):
        house.plan(job_id)
        house.dispatch(job_id)
    assert claimed(house, one).batches
    assert claimed(house, other).stopped == (other,)


def claimed(house: EngineHouse, job_id: uuid.UUID) -> Claims:
    """The job's first batch, for 19 cents."""
    with house.database.tenant(house.tenant_id) as work:
        return work.batches.claim([BatchKey(job_id, 1)], 60, BatchPrice(Decimal("0.19")))


def somebody_else(house: EngineHouse) -> uuid.UUID:
    """Another user of the tenant."""
    user = uuid.uuid4()
    with house.database.tenant(house.tenant_id) as work:
        work.conversations.ensure_profile(user)
    return user


def test_two_further_calls_do_not_both_take_the_last_of_a_budget(house: EngineHouse, shared_url: str) -> None:
    set_budget(house, house.caller.user_id, "0.1")
    one, other = sorted(asked(house, None, documents=1) for _ in range(2))
    for job_id in (one, other):
        house.plan(job_id)
    elsewhere = PostgresDatabase(shared_url)

    def reserve() -> bool:
        with elsewhere.tenant(house.tenant_id) as work:
            return work.batches.reserve(other, Decimal("0.06"))

    with ThreadPoolExecutor(1) as pool:
        with house.database.tenant(house.tenant_id) as work:
            assert work.batches.reserve(one, Decimal("0.06"))
            second = pool.submit(reserve)
            wait([second], timeout=0.5)
        assert not second.result(60)
    elsewhere.engine.dispose()


@pytest.mark.parametrize("whose", ["user", "tenant"])
@pytest.mark.parametrize("column", ["daily_usd", "monthly_usd"])
def test_a_budget_stops_a_job_as_a_cap_does(house: EngineHouse, whose: str, column: str) -> None:
    set_budget(house, house.caller.user_id if whose == "user" else house.tenant_id, "0.08", column)
    job = led(house, asked(house, None))
    assert job["status"] == "partial"
    assert job["error_details"]["code"] == "budget"
    assert 0 < job["result"]["ledger"]["match"] < DOCUMENTS


def test_a_budget_that_is_used_up_opens_no_job(house: EngineHouse) -> None:
    set_budget(house, house.caller.user_id, "0.01")
    with house.database.tenant(house.tenant_id) as work:
        work.conversations.ensure_profile(house.caller.user_id)
    house.run(
        "INSERT INTO spending (user_id, day, job_id, calls, input_tokens, output_tokens, usd)"
        " VALUES (:user, now(), gen_random_uuid(), 1, 1, 1, 0.01)",
        user=house.caller.user_id,
    )
    with pytest.raises(ConflictError, match="used up"):
        asked(house, None, documents=1)


def test_a_budget_used_up_before_planning_ends_the_job_until_it_is_retried(house: EngineHouse) -> None:
    add_audits(house, 1)
    job_id = house.ask(None, "How many documents mention audit?")
    set_budget(house, house.caller.user_id, "0")
    house.model = model = ScriptedLanguageModel()
    job = led(house, job_id)
    assert (job["status"], job["error_details"]["code"]) == ("failed", "budget")
    assert model.plans == 0
    house.run("DELETE FROM budgets WHERE subject = :user", user=house.caller.user_id)
    retry(house, job_id)
    assert led(house, job_id)["status"] == "completed"


def test_what_was_spent_last_month_is_forgotten(house: EngineHouse) -> None:
    set_budget(house, house.caller.user_id, "1")
    long_ago = dt.datetime.now(dt.UTC).date() - dt.timedelta(days=40)
    house.run(
        "INSERT INTO spending (user_id, day, job_id, calls, input_tokens, output_tokens, usd)"
        " VALUES (:user, :day, gen_random_uuid(), 1, 1, 1, 5)",
        user=house.caller.user_id,
        day=long_ago,
    )
    assert led(house, asked(house, None, documents=2))["status"] == "completed"


def test_a_conversation_deleted_while_its_batch_is_read_gives_no_money_back(house: EngineHouse) -> None:
    def deleting(_request: ReadRequest) -> None:
        job = house.job(job_id)
        with house.database.tenant(house.tenant_id) as work:
            work.conversations.delete(job.user_id, job.conversation_id)

    house.model = model = ScriptedLanguageModel([deleting])
    job_id = asked(house, None, documents=1)
    house.plan(job_id)
    house.dispatch(job_id)
    house.map()
    with house.database.tenant(house.tenant_id) as work:
        found = work.budgets.spending(house.caller.user_id)
    assert found.today.calls == model.calls == 1
    assert found.today.usd == price(COST)


def test_spending_is_kept_by_day_and_outlives_its_conversation(house: EngineHouse) -> None:
    job_id = asked(house, None, documents=2)
    led(house, job_id)
    spent = house.job(job_id).spent_usd
    house.run("DELETE FROM processing_jobs WHERE id = :job", job=job_id)
    with house.database.tenant(house.tenant_id) as work:
        found = work.budgets.spending(house.caller.user_id)
    assert found.today.usd == found.this_month.usd == spent > 0
    assert found.today.calls == 2
