"""The stronger model has limits of its own, and they hold for second readings, whoever makes them."""

import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from census.adapters.postgres.database import PostgresDatabase
from census.application.map_batch import batch_message, map_batch
from census.ports.call_leases import CallLimits
from tests.engine.house import EngineHouse
from tests.engine.started_jobs import dispatched
from tests.engine.vendors import WORDS, LyingBrain, Vendor, ask_vendor, exchange
from tests.model_server import LoopbackServer

INVOCATIONS = 3


def in_use(house: EngineHouse, *models: str) -> int:
    found = "SELECT count(*) FROM model_leases WHERE model = ANY(:models)"
    return int(house.scalar(found, models=list(models)))


def read_side_by_side(house: EngineHouse, url: str, lease_seconds: int = 60) -> None:
    """Ten messages to each of three invocations, which share nothing but the database."""

    def invoke(messages: list[object]) -> None:
        database = PostgresDatabase(url)
        tools = replace(house.map_tools(), database=database)
        map_batch(tools, [batch_message(message) for message in messages], lease_seconds)  # type: ignore[arg-type]
        database.engine.dispose()

    shares = [house.queue.receive(10) for _ in range(INVOCATIONS)]
    with ThreadPoolExecutor(INVOCATIONS) as pool:
        list(pool.map(invoke, shares))


def test_each_model_has_as_many_calls_in_flight_as_its_own_limit_allows(
    house: EngineHouse, shared_url: str
) -> None:
    strong = uuid.uuid4().hex
    vendor = Vendor({})
    with LoopbackServer(vendor) as server:
        name = ask_vendor(house, server, strong=strong)
        lying, honest = exchange(LyingBrain(words=WORDS), latency=0.1), exchange(latency=0.1)
        vendor.models = {name: lying, strong: honest}
        house.limits, house.strong_limits = CallLimits(12), CallLimits(3)
        job_id, token = dispatched(house, 10 * INVOCATIONS)

        read_side_by_side(house, shared_url)
        house.follow(job_id, token)

    assert 3 < lying.most_in_flight <= 12
    assert honest.most_in_flight <= 3
    assert (len(lying.calls), len(honest.calls)) == (30, 30), "nobody asked the standard model twice"
    assert house.shown(job_id)["result"]["ledger"]["match"] == 30
    assert in_use(house, name, strong) == 0


def test_a_second_reading_that_finds_no_place_in_time_waits_for_another_invocation(
    house: EngineHouse,
) -> None:
    strong, holder = uuid.uuid4().hex, uuid.uuid4()
    vendor = Vendor({})
    with LoopbackServer(vendor) as server:
        name = ask_vendor(house, server, strong=strong)
        honest = exchange()
        vendor.models = {name: exchange(LyingBrain(words=WORDS)), strong: honest}
        house.limits, house.strong_limits = CallLimits(12), CallLimits(3)
        job_id, _ = dispatched(house, 1)
        taken = "INSERT INTO model_leases VALUES (:holder, :model, 3, now() + interval '1 minute')"
        house.run(taken, holder=holder, model=strong)
        house.map(lease_seconds=2)
        assert (len(honest.calls), house.job(job_id).remaining) == (0, 1)

        with house.database.tenant(house.tenant_id) as work:
            work.calls.give_back(holder)
        house.map_all()
        assert (len(honest.calls), house.job(job_id).remaining) == (1, 0)
