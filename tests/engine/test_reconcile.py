"""What was lost comes back: messages, signals, executions, workers."""

import datetime as dt
import uuid
from decimal import Decimal

import pytest

from census.adapters.postgres.database import PostgresDatabase
from census.application.drain_dead_letters import CRASHED
from census.application.reconcile_work import MOST_GENERATIONS
from census.application.sweep import sweep
from census.domain.errors import UnavailableError
from census.domain.jobs import JobStatus
from census.ports.job_store import BatchKey
from census.ports.workflow import ExecutionState
from tests.engine.house import EngineHouse
from tests.engine.plans import count
from tests.engine.started_jobs import dispatched
from tests.fakes.scripted_model import ScriptedLanguageModel, busy, first


def grown_old(house: EngineHouse, job_id: uuid.UUID) -> None:
    house.set_job(job_id, created_at=dt.datetime.now(dt.UTC) - dt.timedelta(minutes=5))


def test_a_crash_between_the_record_and_the_signal_is_mended(house: EngineHouse) -> None:
    job_id, token = dispatched(house, 1)
    house.workflow.down = True
    with pytest.raises(UnavailableError):
        house.map()
    house.workflow.down = False
    house.reconcile(job_id)
    assert token in house.workflow.answers


def test_the_batches_of_a_dead_worker_are_sent_again(house: EngineHouse) -> None:
    job_id, _ = dispatched(house)
    house.queue.lose_everything()
    with house.database.tenant(house.tenant_id) as work:
        work.batches.claim([BatchKey(job_id, 2)], 60)
    house.reconcile(job_id)
    assert house.queue.is_empty()
    house.expire_claims(job_id)
    house.reconcile(job_id)
    assert [message["batch"] for message in house.queue.receive()] == [2]


def test_a_batch_sent_again_is_not_sent_at_every_check_while_it_waits(house: EngineHouse) -> None:
    job_id, _ = dispatched(house)
    house.queue.lose_everything()
    with house.database.tenant(house.tenant_id) as work:
        work.batches.claim([BatchKey(job_id, 2)], 60)
    house.expire_claims(job_id)
    for _ in range(3):
        house.reconcile(job_id)
    assert [message["batch"] for message in house.queue.receive()] == [2]


def test_lost_messages_are_sent_again_once_the_queue_is_empty(house: EngineHouse) -> None:
    job_id, token = dispatched(house)
    house.queue.lose_everything()
    house.reconcile(job_id)
    assert house.queue.is_empty()
    house.run("UPDATE job_batches SET sent_at = now() - interval '1 minute' WHERE job_id = :job", job=job_id)
    house.reconcile(job_id)
    house.map_all()
    house.follow(job_id, token)
    assert house.shown(job_id)["result"]["ledger"]["match"] == 3


def test_what_only_waits_in_the_queue_is_not_sent_again(house: EngineHouse) -> None:
    job_id, _ = dispatched(house)
    house.run("UPDATE job_batches SET sent_at = now() - interval '1 hour' WHERE job_id = :job", job=job_id)
    house.reconcile(job_id)
    assert len(house.queue.delays()) == 3


def time_passes(house: EngineHouse, job_id: uuid.UUID, minutes: float) -> None:
    house.run(
        "UPDATE job_batches SET sent_at = sent_at - make_interval(secs => :seconds) WHERE job_id = :job",
        job=job_id,
        seconds=60 * minutes,
    )


def sent_again(house: EngineHouse, job_id: uuid.UUID) -> list[int]:
    house.reconcile(job_id)
    return sorted(message["batch"] for message in house.queue.receive())


def test_a_batch_that_waits_as_long_as_the_model_asked_is_not_sent_before(house: EngineHouse) -> None:
    house.model = ScriptedLanguageModel([first(1, busy(retry_after=600))])
    job_id, _ = dispatched(house, 1)
    house.map()
    house.queue.lose_everything()

    time_passes(house, job_id, minutes=9)
    assert sent_again(house, job_id) == []
    time_passes(house, job_id, minutes=2)
    assert sent_again(house, job_id) == [1]


def test_a_batch_that_waits_for_money_is_not_sent_before_its_delay_is_over(house: EngineHouse) -> None:
    job_id, _ = dispatched(house, 2)
    house.queue.lose_everything()
    house.set_job(job_id, cap_usd=Decimal("0.1"), reserved_usd=Decimal("0.1"))
    with house.database.tenant(house.tenant_id) as work:
        work.batches.claim([BatchKey(job_id, 1)], 60)
    time_passes(house, job_id, minutes=5)

    house.map([house.message(job_id, 2)])

    assert len(house.queue.delays()) == 1
    house.queue.lose_everything()
    assert sent_again(house, job_id) == []


@pytest.mark.parametrize(("minutes", "found"), [(14, []), (16, [1])])
def test_a_batch_given_back_whose_message_was_lost_waits_for_no_other_job(
    house: EngineHouse, minutes: float, found: list[int]
) -> None:
    house.model = ScriptedLanguageModel([first(1, busy())])
    job_id, _ = dispatched(house, 1)
    house.queue.room = 0
    with pytest.raises(UnavailableError):
        house.map()
    house.queue.room = None
    house.queue.send({"batch": 99, "of": "another job"}, delay_seconds=60)

    time_passes(house, job_id, minutes + 0.1)

    assert sent_again(house, job_id) == found


def test_a_batch_never_read_is_sent_again_in_the_end_though_the_queue_is_never_empty(
    house: EngineHouse,
) -> None:
    job_id, _ = dispatched(house, 1)
    house.queue.lose_everything()
    house.queue.send({"batch": 99, "of": "another job"}, delay_seconds=60)

    time_passes(house, job_id, minutes=121)

    assert sent_again(house, job_id) == [1]


def test_an_execution_that_vanished_is_started_anew_and_repeats_no_call(house: EngineHouse) -> None:
    house.model = model = ScriptedLanguageModel()
    job_id, _ = dispatched(house)
    house.map(house.queue.receive(2))
    house.workflow.end(str(house.job(job_id).execution_arn))
    house.reconcile(job_id)
    assert house.job(job_id).started_generation == house.job(job_id).generation == 3
    assert house.finish(job_id)["result"]["ledger"]["match"] == 3
    assert model.calls == 3


def test_an_execution_that_vanished_after_the_last_batch_is_followed_by_the_answer(
    house: EngineHouse,
) -> None:
    job_id, token = dispatched(house)
    house.workflow.close(token)
    house.map_all()
    house.workflow.end(str(house.job(job_id).execution_arn))
    house.reconcile(job_id)
    assert house.finish(job_id)["status"] == "completed"


def test_a_job_whose_execution_never_started_is_started(house: EngineHouse) -> None:
    house.add("a", "We may audit you.")
    house.workflow.down = True
    job_id = house.ask(count("audit"))
    assert house.job(job_id).execution_arn is None
    house.workflow.down = False
    house.reconcile(job_id)
    assert house.job(job_id).execution_arn is None
    grown_old(house, job_id)
    house.reconcile(job_id)
    assert house.job(job_id).started_generation == 1
    assert house.finish(job_id)["status"] == "completed"


def test_a_job_whose_executions_all_vanish_is_settled_at_last(house: EngineHouse) -> None:
    job_id, _ = dispatched(house)
    house.workflow.end(str(house.job(job_id).execution_arn))
    house.set_job(job_id, generation=MOST_GENERATIONS)
    house.reconcile(job_id)
    assert house.job(job_id).status is JobStatus.FAILED


def test_checks_follow_each_other_while_the_job_is_open_and_end_with_it(house: EngineHouse) -> None:
    job_id, token = dispatched(house)
    house.checks.lose_everything()
    house.reconcile(job_id)
    assert house.checks.delays() == [20]
    house.map_all()
    house.follow(job_id, token)
    house.checks.lose_everything()
    house.reconcile(job_id)
    assert house.checks.delays() == []


def test_two_checks_at_once_are_one(house: EngineHouse) -> None:
    job_id, _ = dispatched(house)
    house.checks.lose_everything()
    house.reconcile(job_id)
    with house.database.system() as work:
        assert not work.open_work.take_check(house.tenant_id, job_id, 20)


def test_a_stopped_execution_is_known_to_have_ended(house: EngineHouse) -> None:
    job_id, _ = dispatched(house)
    arn = str(house.job(job_id).execution_arn)
    house.set_job(job_id, deadline_at=dt.datetime.now(dt.UTC))
    house.reconcile(job_id)
    assert house.workflow.state(arn) is ExecutionState.ENDED


def test_a_sweep_finds_the_jobs_of_all_tenants_and_no_finished_one(database_url: str) -> None:
    database = PostgresDatabase(database_url)
    houses = [EngineHouse(database) for _ in range(3)]
    jobs = [dispatched(house, 1)[0] for house in houses]
    houses[0].map_all()
    houses[0].set_job(jobs[0], status="completed", completed_at=dt.datetime.now(dt.UTC))
    for house, job_id in zip(houses, jobs, strict=True):
        house.set_job(job_id, next_check_at=None)
    assert sweep(houses[0].reconcile_tools()) == 2
    assert sweep(houses[0].reconcile_tools()) == 0
    database.engine.dispose()


def test_a_dead_batch_is_read_once_more_alone(house: EngineHouse) -> None:
    house.model = model = ScriptedLanguageModel()
    job_id, _ = dispatched(house)
    house.drain(house.message(job_id, 2), times_received=1)
    assert (model.calls, house.job(job_id).remaining) == (1, 2)


def test_a_batch_that_died_again_failed_and_the_others_did_not(house: EngineHouse) -> None:
    job_id, token = dispatched(house)
    messages = house.queue.receive()
    house.map(messages[:1])
    house.drain(messages[1], times_received=2)
    house.map(messages[2:])
    house.follow(job_id, token)
    job = house.shown(job_id)
    assert (job["status"], job["failed_batches"], job["processed_batches"]) == ("partial", 1, 2)
    assert house.classes(job_id)["1"] == ("failed", CRASHED)
    assert job["result"]["ledger"]["match"] == 2


def test_the_last_batch_dying_completes_the_job_too(house: EngineHouse) -> None:
    job_id, token = dispatched(house, 1)
    house.drain(house.message(job_id, 1), times_received=2)
    assert token in house.workflow.answers


def test_a_dead_letter_of_a_batch_that_was_read_changes_nothing(house: EngineHouse) -> None:
    job_id, token = dispatched(house, 1)
    messages = house.queue.receive()
    house.map(messages)
    before = house.job(job_id)
    house.drain(messages[0], times_received=2)
    assert house.job(job_id) == before
    house.follow(job_id, token)
    assert house.shown(job_id)["status"] == "completed"


def test_a_dead_letter_of_nothing_is_dropped(house: EngineHouse) -> None:
    house.drain(house.message(uuid.uuid4(), 1), times_received=2)
    assert house.queue.receive() == []
    assert house.workflow.answers == {}
