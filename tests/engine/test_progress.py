"""What a running job shows: the result so far, a progress that never falls, and the time left."""

import datetime as dt

from census.domain.jobs import JobPhase
from census.domain.plan import JsonObject
from tests.engine.house import EngineHouse
from tests.engine.plans import by_year


def running(house: EngineHouse, documents: int) -> tuple[JsonObject, list[JsonObject]]:
    """The job as it is shown after each of its batches, and all its messages."""
    for number in range(documents):
        house.add(f"{number:03}", f"Signed: {2010 + number % 2}-01-01\nWe may audit {number}.")
    job_id = house.ask(by_year("audit"))
    house.plan(job_id)
    house.dispatch(job_id)
    shown = []
    while messages := house.queue.receive():
        for message in messages:
            house.map([message])
            shown.append(house.shown(job_id))
    return house.shown(job_id), shown


def test_the_result_so_far_is_shown_at_every_step(house: EngineHouse) -> None:
    _, shown = running(house, 20)
    first = shown[0]["intermediate_results"]
    assert first["message"] == "5 of 20 read"
    assert first["ledger"] == {"match": 5, "open": 15, "total": 20}
    assert first["table"] == {"columns": ["year", "documents"], "rows": [["2010", 3], ["2011", 2]]}
    assert [one["intermediate_results"]["items_read"] for one in shown[:-1]] == [5, 10, 15]


def test_progress_never_falls_and_the_figures_grow_to_the_answers(house: EngineHouse) -> None:
    _, shown = running(house, 20)
    progress = [one["progress"] for one in shown]
    assert progress == sorted(progress)
    assert progress[0] > 0


def test_the_time_left_follows_the_tokens(house: EngineHouse) -> None:
    _, shown = running(house, 20)
    assert shown[0]["eta"]["p90_seconds"] >= shown[0]["eta"]["p50_seconds"] >= 0
    job_id = house.ask(by_year("audit"))
    now = dt.datetime.now(dt.UTC)
    house.set_job(
        job_id,
        status="processing",
        current_phase=JobPhase.MAPPING.value,
        mapping_since=now - dt.timedelta(seconds=100),
        shown_at=now,
        planned_tokens=4000,
        read_tokens=1000,
        total_batches=40,
        processed_batches=10,
        remaining=30,
    )
    eta = house.shown(job_id)["eta"]
    took = (dt.datetime.now(dt.UTC) - now).total_seconds()
    assert 299 - took <= eta["p50_seconds"] <= 300
    assert eta["p90_seconds"] > eta["p50_seconds"]


def test_what_is_shown_is_judged_once(house: EngineHouse) -> None:
    job, _ = running(house, 20)
    judged = house.scalar("SELECT count(*) FROM job_items WHERE status IS NOT NULL")
    assert judged == 15
    assert job["intermediate_results"]["items_read"] == 15
