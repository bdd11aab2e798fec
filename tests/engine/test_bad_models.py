"""Models that are of no use, over HTTP: the job ends with the cause, and within its money."""

import threading
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

from census.domain.jobs import MAX_ATTEMPTS
from census.ports.call_leases import CallLimits, RepeatRules
from tests.engine.going_on import cancel
from tests.engine.house import EngineHouse
from tests.engine.plans import count
from tests.engine.started_jobs import add_audits, dispatched
from tests.engine.vendors import WORDS, LyingBrain, NonsenseBrain, Vendor, ask_vendor, exchange
from tests.model_server import LoopbackServer

BOUNDLESS = RepeatRules(most=1_000, least=1_000, a_minute=60_000)


def test_a_model_that_talks_nonsense_for_ever_ends_the_job_failed_with_the_cause(house: EngineHouse) -> None:
    vendor = Vendor({})
    with LoopbackServer(vendor) as server:
        name = ask_vendor(house, server)
        vendor.models = {name: exchange(NonsenseBrain(words=WORDS))}
        house.limits = CallLimits(32, repeats=BOUNDLESS)
        job_id, token = dispatched(house, 8)
        house.map_all()
        house.follow(job_id, token)
    job = house.shown(job_id)
    assert (job["status"], vendor.requests) == ("failed", 8 * MAX_ATTEMPTS)
    assert "JSON" in job["error_message"]


def test_a_cap_ends_nonsense_sooner_and_is_not_exceeded(house: EngineHouse) -> None:
    vendor = Vendor({})
    with LoopbackServer(vendor) as server:
        name = ask_vendor(house, server)
        vendor.models = {name: exchange(NonsenseBrain(words=WORDS))}
        house.limits = CallLimits(32, repeats=BOUNDLESS)
        add_audits(house, 8)
        job_id = house.ask(count("audit"), max_cost_usd=Decimal("0.6"))
        house.finish(job_id)
    job = house.shown(job_id)
    assert 0 < vendor.requests < 8 * MAX_ATTEMPTS
    assert job["status"] == "partial", "what the cap kept from being read is skipped"
    assert Decimal(str(job["cost"]["spent_usd"])) <= Decimal("0.6")


def test_an_unknown_model_is_asked_once_a_batch_and_named_with_what_to_do(house: EngineHouse) -> None:
    vendor = Vendor({})
    with LoopbackServer(vendor) as server:
        name = ask_vendor(house, server, model="gpt-of-another-age")
        house.limits = CallLimits(32)
        job_id, token = dispatched(house, 3)
        house.map_all()
        house.follow(job_id, token)
    job = house.shown(job_id)
    assert (job["status"], vendor.requests) == ("failed", 3)
    assert name in job["error_message"]
    assert "MODEL_NAME" in job["error_message"]


def test_an_unknown_stronger_model_fails_only_what_is_in_doubt(house: EngineHouse) -> None:
    vendor = Vendor({})
    with LoopbackServer(vendor) as server:
        name = ask_vendor(house, server, strong="gpt-of-the-future")
        vendor.models = {name: exchange(LyingBrain(words=WORDS))}
        house.limits = CallLimits(32)
        house.add("in doubt", "We may audit you.")
        house.add("plain", "Nothing of note.")
        job_id = house.ask(count("audit"))
        house.finish(job_id)
    classes = house.classes(job_id)
    assert classes["plain"] == ("no_match", None)
    status, reason = classes["in doubt"]
    assert status == "failed"
    assert "STRONG_MODEL_NAME" in str(reason)


def test_no_paid_call_starts_more_than_five_seconds_after_a_cancel(house: EngineHouse) -> None:
    vendor = Vendor({})
    with LoopbackServer(vendor) as server:
        name = ask_vendor(house, server)
        slow = exchange(latency=1.2)
        vendor.models = {name: slow}
        house.limits = CallLimits(1)
        job_id, _ = dispatched(house, 10)
        with ThreadPoolExecutor(1) as pool:
            invocation = pool.submit(house.map)
            while not vendor.requests:
                threading.Event().wait(0.05)
            cancel(house, job_id)
            cancelled = time.monotonic()
            invocation.result(60)
    assert len(slow.calls) < 10
    assert max(call.started for call in slow.calls) <= cancelled + 5
    leases = "SELECT count(*) FROM model_leases WHERE model = :model"
    assert house.scalar(leases, model=name) == 0


def test_a_stronger_model_that_stays_away_does_not_have_the_first_reading_paid_for_ever(
    house: EngineHouse,
) -> None:
    strong = uuid.uuid4().hex
    vendor, away = Vendor({}), Vendor({}, down=True)
    with LoopbackServer(vendor) as server:
        name = ask_vendor(house, server, strong=strong)
        lying = exchange(LyingBrain(words=WORDS))
        vendor.models = {name: lying, strong: away}
        house.limits = CallLimits(32, repeats=BOUNDLESS)
        house.add("in doubt", "We may audit you.")
        job_id = house.ask(count("audit"))
        house.finish(job_id)
    assert house.classes(job_id)["in doubt"][0] == "failed"
    assert len(lying.calls) == away.requests == 6 + MAX_ATTEMPTS
