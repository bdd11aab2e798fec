"""Calls that failed are repeated out of one budget of all workers: an outage is not multiplied."""

import uuid
from typing import NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from census.adapters.postgres.database import PostgresDatabase
from census.ports.call_leases import CallLimits, CallsEnded, LeaseGrant, LeaseRequest, RepeatRules
from tests.engine.house import EngineHouse
from tests.engine.started_jobs import dispatched
from tests.engine.vendors import Vendor, ask_vendor, exchange
from tests.fakes.scripted_model import ScriptedLanguageModel, busy, first, leaving_out
from tests.model_server import Fault, FaultPlan, LoopbackServer

NEVER_BY_TIME = RepeatRules(share=0.1, least=10, most=100, a_minute=0)
AT_FIRST = 10
"""Repeats in the budget of a model that was never asked."""


class Step(NamedTuple):
    """So much later: first calls are made, repeats are wanted, and some of those allowed are answered."""

    seconds: float
    first: int
    wanted: int
    answered: float


STEPS = st.lists(
    st.builds(
        Step,
        seconds=st.integers(0, 6_000).map(lambda tenths: tenths / 10),
        first=st.integers(0, 50),
        wanted=st.integers(0, 50),
        answered=st.sampled_from([0.0, 0.5, 0.9, 1.0]),
    ),
    max_size=8,
)
RULES = st.builds(
    RepeatRules,
    share=st.sampled_from([0.0, 0.1, 0.25, 0.5]),
    least=st.integers(0, 20).map(float),
    most=st.integers(20, 200).map(float),
    a_minute=st.integers(0, 60).map(float),
)
TAKE = text("SELECT * FROM take_repeats(:left, :seconds, :first, :wanted, :share, :least, :most, :a_minute)")


@given(rules=RULES, steps=STEPS)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_repeats_that_fail_are_a_share_of_first_calls_and_what_time_adds(
    shared_database: PostgresDatabase, rules: RepeatRules, steps: list[Step]
) -> None:
    left, failed, first_calls, seconds = float(AT_FIRST), 0, 0, 0.0
    with shared_database.monitoring() as session:
        for step in steps:
            values = {"share": rules.share, "least": rules.least, "most": rules.most}
            values |= {"left": left, "a_minute": rules.a_minute}
            asked = {"seconds": step.seconds, "first": step.first, "wanted": step.wanted}
            taken = session.execute(TAKE, {**values, **asked}).one()
            assert 0 <= taken.allowed <= step.wanted
            assert 0 <= taken.left_now <= rules.most
            assert taken.allowed == step.wanted or taken.left_now < 1, "no repeat is kept from who wants it"
            answered = int(taken.allowed * step.answered)
            left = min(rules.most, taken.left_now + answered)
            failed += taken.allowed - answered
            first_calls += step.first
            seconds += step.seconds
    assert failed <= AT_FIRST + rules.share * first_calls + rules.a_minute * seconds / 60 + 1e-6


@given(left=st.integers(0, 100).map(float), seconds=st.integers(0, 10**6).map(float))
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_time_alone_fills_the_budget_to_its_floor_and_no_further(
    shared_database: PostgresDatabase, left: float, seconds: float
) -> None:
    rules = RepeatRules()
    values = {"left": left, "seconds": seconds, "first": 0, "wanted": 0, "a_minute": rules.a_minute}
    with shared_database.monitoring() as session:
        told = {"share": rules.share, "least": rules.least, "most": rules.most}
        now = session.execute(TAKE, {**values, **told}).one().left_now
    assert left <= now <= max(left, rules.least)


@pytest.fixture
def model_name() -> str:
    """A model nobody else uses: its budget is everybody's."""
    return uuid.uuid4().hex


def lease(house: EngineHouse, model: str, **asked: int) -> LeaseGrant:
    request = LeaseRequest(model, uuid.uuid4(), running=0, seconds=60, **{"wanted": 0, **asked})
    with house.database.tenant(house.tenant_id) as work:
        return work.calls.lease(request, CallLimits(1_000, repeats=NEVER_BY_TIME))


def test_the_budget_is_one_for_all_tenants_and_one_for_each_model(
    house: EngineHouse, model_name: str
) -> None:
    stranger = EngineHouse(house.database)
    assert lease(house, model_name, wanted=8, again=8).again == 8
    assert lease(stranger, model_name, wanted=8, again=8).again == 2
    assert lease(house, uuid.uuid4().hex, wanted=8, again=8).again == 8


def test_first_calls_earn_repeats_and_who_has_none_gets_no_capacity_for_them(
    house: EngineHouse, model_name: str
) -> None:
    lease(house, model_name, wanted=AT_FIRST, again=AT_FIRST)
    assert lease(house, model_name, wanted=20, first=20).calls == 20
    grant = lease(house, model_name, wanted=7, first=2, again=5)
    assert (grant.again, grant.calls) == (2, 4)


def test_a_repeat_that_was_answered_is_given_back(house: EngineHouse, model_name: str) -> None:
    lease(house, model_name, wanted=AT_FIRST, again=AT_FIRST)
    with house.database.tenant(house.tenant_id) as work:
        ended = CallsEnded(model_name, uuid.uuid4(), 0, repeats_back=3)
        work.calls.settle(ended, CallLimits(1_000, repeats=NEVER_BY_TIME))
    assert lease(house, model_name, wanted=5, again=5).again == 3


def budget(house: EngineHouse, model: str) -> float:
    return float(house.scalar("SELECT repeats_left FROM rate_limits WHERE model = :m", m=model))


def come_back(house: EngineHouse, rounds: int) -> None:
    """As often all batches come back, and are read if they may be."""
    for _ in range(rounds):
        house.queue.advance(max(house.queue.delays(), default=0))
        while house.map():
            pass


def test_an_outage_of_the_vendor_is_not_multiplied_and_the_job_ends_complete_after_it(
    house: EngineHouse,
) -> None:
    vendor = Vendor({}, down=True)
    with LoopbackServer(vendor) as server:
        name = ask_vendor(house, server)
        vendor.models = {name: exchange()}
        house.limits = CallLimits(32, repeats=NEVER_BY_TIME)
        job_id, token = dispatched(house, 20)

        come_back(house, rounds=4)

        repeats = AT_FIRST + 2  # a tenth of twenty
        assert vendor.requests == 20 + repeats
        assert house.job(job_id).remaining == 20
        attempts = "SELECT sum(attempts) FROM job_batches WHERE job_id = :job"
        assert house.scalar(attempts, job=job_id) == 0, "waiting costs no attempt"

        vendor.down = False
        house.limits = CallLimits(32, repeats=RepeatRules(a_minute=6_000))
        house.map_all()
        house.follow(job_id, token)
    job = house.shown(job_id)
    assert (job["status"], job["result"]["ledger"]["match"]) == ("completed", 20)
    assert vendor.requests == 20 + repeats + 20, "every batch once more"


def test_a_tenth_of_faults_is_repeated_and_nothing_is_left(house: EngineHouse) -> None:
    passing = (Fault.RATE_LIMITED, Fault.SERVER_ERROR, Fault.DROPPED, Fault.MISSING_IDS)
    faults = FaultPlan(rate=0.1, seed=7, kinds=passing, retry_after_seconds=0.01)
    vendor = Vendor({})
    with LoopbackServer(vendor) as server:
        name = ask_vendor(house, server)
        vendor.models = {name: exchange(faults=faults)}
        house.limits = CallLimits(32)
        job_id, token = dispatched(house, 40)
        house.map_all()
        house.follow(job_id, token)
    job = house.shown(job_id)
    assert (job["status"], job["result"]["ledger"]["match"]) == ("completed", 40)
    assert 40 < vendor.requests <= 40 * 1.4
    assert budget(house, name) >= AT_FIRST, "what was answered was given back"


def scripted(house: EngineHouse, name: str, rules: RepeatRules, *faults: object) -> ScriptedLanguageModel:
    house.limits = CallLimits(32, repeats=rules)
    house.model = made = ScriptedLanguageModel(list(faults), name=name)  # type: ignore[arg-type]
    return made


NO_REPEATS = RepeatRules(share=0, least=0, most=0, a_minute=0)


def test_without_a_repeat_left_ids_that_are_missing_are_asked_for_another_time(
    house: EngineHouse, model_name: str
) -> None:
    model = scripted(house, model_name, NO_REPEATS, first(1, leaving_out("w1")))
    for number in range(3):
        house.add(f"{number}", f"Paper {number}: we may audit you.")
    job_id, _ = dispatched(house, 0)
    house.map()
    assert (model.calls, house.job(job_id).remaining) == (1, 1)
    assert len(house.queue.delays()) == 1
    kept = "SELECT count(*) FROM map_results WHERE tenant_id = :tenant"
    assert house.scalar(kept, tenant=house.tenant_id) == 2, "what was read is kept"


def test_a_batch_that_only_waited_is_read_though_no_repeat_is_left(
    house: EngineHouse, model_name: str
) -> None:
    model = scripted(house, model_name, NO_REPEATS)
    job_id, _ = dispatched(house, 1)
    other = uuid.uuid4()
    with house.database.tenant(house.tenant_id) as work:
        request = LeaseRequest(model_name, other, running=0, wanted=32, seconds=60)
        assert work.calls.lease(request, CallLimits(32)).calls == 32
    house.map(lease_seconds=1)
    assert model.calls == 0
    with house.database.tenant(house.tenant_id) as work:
        work.calls.give_back(other)
    house.map_all()
    assert (model.calls, house.job(job_id).remaining) == (1, 0)


def test_repeats_that_were_allowed_but_not_made_are_given_back(house: EngineHouse, model_name: str) -> None:
    scripted(house, model_name, NEVER_BY_TIME, first(3, busy()))
    dispatched(house, 3)
    house.map()
    before = budget(house, model_name)
    other = uuid.uuid4()
    with house.database.tenant(house.tenant_id) as work:
        request = LeaseRequest(model_name, other, running=0, wanted=32, seconds=60)
        work.calls.lease(request, CallLimits(32, repeats=NEVER_BY_TIME))
    house.queue.advance(max(house.queue.delays()))
    house.map(lease_seconds=1)
    assert budget(house, model_name) == pytest.approx(before)
