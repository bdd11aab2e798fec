"""The model's capacity, shared by all workers: leased, given back, never leaked."""

import threading
import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event

from census.application import call_exchange
from census.ports.call_leases import CallLimits, LeaseGrant, LeaseRequest
from census.ports.language_model import ReadRequest
from tests.engine.going_on import cancel
from tests.engine.house import EngineHouse
from tests.engine.started_jobs import dispatched
from tests.fakes.scripted_model import ScriptedLanguageModel, busy, first, waiting


@pytest.fixture
def model_name() -> str:
    """A model nobody else uses: leases are shared by all tenants."""
    return uuid.uuid4().hex


def lease(house: EngineHouse, model: str, limits: CallLimits, **asked: Any) -> LeaseGrant:
    request = LeaseRequest(
        model, **{"holder": uuid.uuid4(), "running": 0, "wanted": 10, "seconds": 60, **asked}
    )
    with house.database.tenant(house.tenant_id) as work:
        return work.calls.lease(request, limits)


def in_use(house: EngineHouse, model: str) -> int:
    found = "SELECT COALESCE(sum(calls), 0) FROM model_leases WHERE model = :model AND until > now()"
    return int(house.scalar(found, model=model))


def test_no_more_calls_are_leased_than_the_limit_whoever_asks(house: EngineHouse, model_name: str) -> None:
    stranger = EngineHouse(house.database)
    granted = [lease(who, model_name, CallLimits(25)).calls for who in (house, stranger, house, stranger)]
    assert granted == [10, 10, 5, 0]
    assert in_use(house, model_name) == 25


def test_what_is_given_back_others_get(house: EngineHouse, model_name: str) -> None:
    holder = uuid.uuid4()
    lease(house, model_name, CallLimits(10), holder=holder)
    assert lease(house, model_name, CallLimits(10)).calls == 0
    lease(house, model_name, CallLimits(10), holder=holder, running=4, wanted=0)
    assert lease(house, model_name, CallLimits(10)).calls == 6


def test_the_lease_of_a_dead_worker_ends_by_itself(house: EngineHouse, model_name: str) -> None:
    lease(house, model_name, CallLimits(10))
    house.run("UPDATE model_leases SET until = now() - interval '1 second' WHERE model = :m", m=model_name)
    assert lease(house, model_name, CallLimits(10)).calls == 10


def test_calls_are_spread_over_the_minute(house: EngineHouse, model_name: str) -> None:
    limits = CallLimits(1000, requests_a_minute=600)
    began = time.monotonic()
    grants = [lease(house, model_name, limits) for _ in range(6)]
    took = time.monotonic() - began
    booked = sum(grant.calls for grant in grants)
    assert 20 <= booked <= 27 + took / 0.1, "two seconds ahead, and what an idle model owes"
    assert grants[1].step == pytest.approx(0.1)
    assert 0.4 - took <= grants[1].first_in <= 0.401, "ten calls less the six that an idle model owes"


def test_who_asks_when_two_seconds_are_booked_is_told_when_to_ask_again(
    house: EngineHouse, model_name: str
) -> None:
    limits = CallLimits(1000, requests_a_minute=3)
    began = time.monotonic()
    first, second = (lease(house, model_name, limits) for _ in range(2))
    took = time.monotonic() - began
    assert (first.calls, second.calls) == (1, 0)
    assert 18.4 - took <= second.ask_again_in <= 18.401, "a second before the next may start"


def test_tokens_a_minute_space_long_calls_further_apart(house: EngineHouse, model_name: str) -> None:
    limits = CallLimits(1000, requests_a_minute=600, tokens_a_minute=60_000)
    assert lease(house, model_name, limits, tokens=500).step == pytest.approx(0.5)


def test_when_the_vendor_asks_for_patience_nobody_calls(house: EngineHouse, model_name: str) -> None:
    lease(house, model_name, CallLimits(100), pause_seconds=300)
    told = lease(EngineHouse(house.database), model_name, CallLimits(100))
    assert told.calls == 0
    assert 200 < told.ask_again_in <= 300


@contextmanager
def counted(house: EngineHouse) -> Iterator[list[str]]:
    statements: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        statements.append(statement)

    event.listen(house.database.engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(house.database.engine, "before_cursor_execute", note)


def limited(house: EngineHouse, model: str, calls: int, *faults: Any) -> ScriptedLanguageModel:
    house.limits = CallLimits(calls)
    house.model = made = ScriptedLanguageModel(list(faults), name=model)
    return made


def test_with_capacity_for_all_ten_messages_take_five_statements(house: EngineHouse, model_name: str) -> None:
    limited(house, model_name, 32)
    job_id, _ = dispatched(house, 12)
    house.set_job(job_id, shown_progress=1.0)  # no running result is due
    with counted(house) as statements:
        assert house.map() == 10
    assert len(statements) == 5
    assert in_use(house, model_name) == 0


def test_an_invocation_calls_only_as_many_at_once_as_it_leased(house: EngineHouse, model_name: str) -> None:
    at_once, most, lock = [0], [0], threading.Lock()

    def watch(_request: ReadRequest) -> None:
        with lock:
            at_once[0] += 1
            most[0] = max(most[0], at_once[0])
        threading.Event().wait(0.05)
        with lock:
            at_once[0] -= 1

    model = limited(house, model_name, 3, watch)
    job_id, _ = dispatched(house, 10)
    house.map()
    assert (model.calls, most[0], house.job(job_id).remaining) == (10, 3, 0)
    assert in_use(house, model_name) == 0


def test_a_claim_without_capacity_waits_for_it_and_reads(house: EngineHouse, model_name: str) -> None:
    model = limited(house, model_name, 2)
    job_id, _ = dispatched(house, 2)
    other = uuid.uuid4()
    lease(house, model_name, CallLimits(2), holder=other)
    with ThreadPoolExecutor(1) as pool:
        invocation = pool.submit(house.map)
        threading.Event().wait(0.5)
        assert model.calls == 0
        with house.database.tenant(house.tenant_id) as work:
            work.calls.give_back(other)
        invocation.result(60)
    assert house.job(job_id).remaining == 0


def test_what_gets_no_capacity_in_time_goes_back_without_an_attempt(
    house: EngineHouse, model_name: str
) -> None:
    model = limited(house, model_name, 1)
    job_id, _ = dispatched(house, 1)
    lease(house, model_name, CallLimits(1))
    house.map(lease_seconds=1)
    assert model.calls == 0
    assert len(house.queue.delays()) == 1
    state = "SELECT attempts || ' ' || times_busy FROM job_batches WHERE job_id = :job"
    assert house.scalar(state, job=job_id) == "0 1"


def test_a_busy_model_makes_all_workers_wait(house: EngineHouse, model_name: str) -> None:
    limited(house, model_name, 5, first(1, busy(retry_after=20)))
    job_id, _ = dispatched(house, 1)
    house.map()
    assert house.job(job_id).remaining == 1
    assert lease(EngineHouse(house.database), model_name, CallLimits(5)).calls == 0


def test_no_call_begins_once_a_look_showed_that_the_job_was_cancelled(
    house: EngineHouse, model_name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(call_exchange, "LOOK_SECONDS", 0.0)
    entered, go_on = threading.Event(), threading.Event()
    model = limited(house, model_name, 1, waiting(entered, go_on))
    job_id, _ = dispatched(house, 5)
    messages = house.queue.receive()
    with ThreadPoolExecutor(1) as pool:
        invocation = pool.submit(house.map, messages)
        assert entered.wait(60)
        cancel(house, job_id)
        go_on.set()
        invocation.result(60)
    assert model.calls == 1
    assert in_use(house, model_name) == 0


def test_a_look_is_never_older_than_five_seconds_when_a_call_starts() -> None:
    assert call_exchange.LOOK_SECONDS <= 5
    booked_ahead = 2  # by lease_model_calls
    assert call_exchange.LOOK_SECONDS + booked_ahead <= 5
