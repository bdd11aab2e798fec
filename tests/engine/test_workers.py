"""Workers that race, die and come back: a batch is read once, and exactly one of them completes the job."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from random import Random
from typing import Any

import pytest
from sqlalchemy import event

from census.adapters.postgres.database import PostgresDatabase
from census.domain.jobs import BatchOutcome
from census.ports.job_store import BatchKey, BatchRecord, Recorded, Spending
from tests.engine.going_on import retry
from tests.engine.house import EngineHouse
from tests.engine.started_jobs import dispatched
from tests.fakes.scripted_model import ScriptedLanguageModel, about, first, refusing, waiting
from tests.local.rig import eventually


@pytest.fixture
def second_worker(house: EngineHouse, shared_url: str) -> Iterator[EngineHouse]:
    """The same tenant's engine in another process, as far as the database can tell."""
    database = PostgresDatabase(shared_url)
    yield EngineHouse(database, house.model, house.caller, house.queue, house.checks, workflow=house.workflow)
    database.engine.dispose()


def test_a_message_delivered_twice_makes_one_call(house: EngineHouse) -> None:
    house.model = model = ScriptedLanguageModel()
    dispatched(house, 1)
    messages = house.queue.receive()
    house.map(messages + messages)
    house.map(messages)
    assert model.calls == 1


def test_two_workers_with_the_same_batch_make_one_call(
    house: EngineHouse, second_worker: EngineHouse
) -> None:
    entered, go_on = threading.Event(), threading.Event()
    house.model = model = ScriptedLanguageModel([waiting(entered, go_on)])
    job_id, _ = dispatched(house, 1)
    messages = house.queue.receive()
    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(house.map, messages)
        assert entered.wait(60)
        second_worker.model = other = ScriptedLanguageModel()
        second_worker.map(messages)
        go_on.set()
        slow.result(60)
    assert (model.calls, other.calls) == (1, 0)
    assert house.job(job_id).remaining == 0


def test_what_is_read_is_recorded_while_one_call_is_still_slow(house: EngineHouse) -> None:
    entered, go_on = threading.Event(), threading.Event()
    house.model = ScriptedLanguageModel([about("number 7.", waiting(entered, go_on))])
    job_id, _ = dispatched(house, 10)
    messages = house.queue.receive()
    with ThreadPoolExecutor(1) as pool:
        invocation = pool.submit(house.map, messages)
        assert entered.wait(60)
        recorded_early = eventually(lambda: house.job(job_id).remaining == 1)
        go_on.set()
        invocation.result(60)
    assert recorded_early
    assert house.job(job_id).remaining == 0


def test_a_claim_that_expired_is_read_by_another_and_counted_once(
    house: EngineHouse, second_worker: EngineHouse
) -> None:
    entered, go_on = threading.Event(), threading.Event()
    house.model = ScriptedLanguageModel([waiting(entered, go_on)])
    job_id, token = dispatched(house, 2)
    messages = house.queue.receive()
    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(house.map, messages)
        assert entered.wait(60)
        house.expire_claims(job_id)
        second_worker.model = ScriptedLanguageModel()
        second_worker.map(messages)
        assert house.job(job_id).remaining == 0
        go_on.set()
        slow.result(60)
    job = house.job(job_id)
    assert (job.remaining, job.processed_batches, job.calls) == (0, 2, 4)
    assert len(house.workflow.answers) == 1
    house.follow(job_id, token)
    assert house.shown(job_id)["result"]["ledger"]["match"] == 2


def test_an_unclaimed_batch_of_a_job_that_ended_is_not_read(house: EngineHouse) -> None:
    house.model = model = ScriptedLanguageModel()
    job_id, _ = dispatched(house, 1)
    house.workflow.down = True
    house.set_job(job_id, status="failed", completed_at=house.scalar("SELECT now()"))
    house.map()
    assert model.calls == 0


def test_an_invocation_for_two_tenants_shows_neither_the_others_words(house: EngineHouse) -> None:
    neighbour = EngineHouse(house.database, queue=house.queue, workflow=house.workflow)
    house.model = neighbour.model = model = ScriptedLanguageModel()
    jobs = [(tenant, dispatched(tenant, 2)[0]) for tenant in (house, neighbour)]
    house.map()
    assert [tenant.job(job_id).remaining for tenant, job_id in jobs] == [0, 0]
    for tenant in (house, neighbour):
        assert tenant.scalar("SELECT count(*) FROM job_batches WHERE outcome = 'done'") == 2
        assert tenant.scalar("SELECT count(*) FROM processing_jobs") == 1
    assert model.calls == 4


def test_a_message_that_names_anothers_tenant_reads_nothing(house: EngineHouse) -> None:
    house.model = model = ScriptedLanguageModel()
    job_id, _ = dispatched(house, 1)
    stranger = EngineHouse(house.database, model)
    house.map([stranger.message(job_id, 1)])
    assert model.calls == 0
    assert house.job(job_id).remaining == 1


def test_ten_messages_of_a_tenant_take_at_most_six_statements(
    house: EngineHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    job_id, _ = dispatched(house, 12)
    house.set_job(job_id, shown_progress=1.0)  # no step is due: twenty a job show how far it has come
    statements: list[str] = []
    engine = house.database.engine
    ping = engine.dialect.do_ping

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        statements.append(statement)

    def note_ping(connection: Any) -> bool:
        statements.append("a look whether the connection lives")
        return ping(connection)

    monkeypatch.setattr(engine.dialect, "do_ping", note_ping)
    event.listen(engine, "before_cursor_execute", note)
    try:
        assert house.map() == 10
    finally:
        event.remove(engine, "before_cursor_execute", note)
    assert 2 <= len(statements) <= 6


@pytest.mark.parametrize("seed", range(4))
def test_exactly_one_of_three_workers_completes_the_job_whatever_comes_twice(
    house: EngineHouse, shared_url: str, seed: int
) -> None:
    batches = 9
    job_id, _ = dispatched(house, batches)
    deliveries = [BatchKey(job_id, ordinal) for ordinal in range(1, batches + 1)] * 3
    Random(seed).shuffle(deliveries)
    start = threading.Barrier(3)

    def work(worker: int) -> list[Recorded]:
        database = PostgresDatabase(shared_url)
        found: list[Recorded] = []
        start.wait(60)
        for first_one in range(worker * batches, (worker + 1) * batches, 3):
            keys = deliveries[first_one : first_one + 3]
            records = [BatchRecord(key, BatchOutcome.DONE) for key in dict.fromkeys(keys)]
            with database.tenant(house.tenant_id) as work:
                found += work.batches.record(records, {job_id: Spending(calls=len(records))})
        database.engine.dispose()
        return found

    with ThreadPoolExecutor(3) as pool:
        seen = [one for found in pool.map(work, range(3)) for one in found]
    assert sum(one.completer for one in seen) == 1
    assert min(one.remaining for one in seen) == 0
    job = house.job(job_id)
    assert (job.remaining, job.processed_batches) == (0, batches)


def test_a_late_outcome_of_an_earlier_run_closes_no_batch_of_the_next(house: EngineHouse) -> None:
    house.model = ScriptedLanguageModel([first(2, about("audit", refusing))])
    job_id, token = dispatched(house, 2)
    late = [BatchRecord(BatchKey(job_id, ordinal), BatchOutcome.DONE) for ordinal in (1, 2)]
    house.map_all()
    house.follow(job_id, token)
    retry(house, job_id)
    house.plan(job_id)
    with house.database.tenant(house.tenant_id) as work:
        work.batches.record(late, {})
    assert house.job(job_id).remaining == 2


def test_progress_only_ever_grows(house: EngineHouse) -> None:
    job_id, token = dispatched(house, 12)
    seen = [house.job(job_id).progress]
    for message in house.queue.receive(12):
        house.map([message])
        seen.append(house.job(job_id).progress)
    house.follow(job_id, token)
    seen.append(house.job(job_id).progress)
    assert seen == sorted(set(seen))
    assert (seen[0], seen[-1]) == (0, 1)
