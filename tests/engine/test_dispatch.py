"""The fan-out and its one token: whatever is lost, repeated or late, the job goes on once."""

from dataclasses import replace

import pytest

from census.application.dispatch_batches import dispatch_batches
from census.application.reduce_job import reduce_job
from census.application.settle_job import cause_of_failure, settle_job
from census.application.signal_job import signal_job
from census.domain.errors import UnavailableError
from census.domain.jobs import JobStatus
from tests.engine.house import EngineHouse
from tests.engine.plans import count
from tests.engine.started_jobs import planned
from tests.fakes.scripted_model import ScriptedLanguageModel


def test_planning_twice_cuts_the_same_once(house: EngineHouse) -> None:
    job_id = planned(house)
    before = house.job(job_id)
    assert house.plan(job_id).next == "dispatch"
    after = house.job(job_id)
    assert (after.total_batches, after.remaining) == (before.total_batches, before.remaining) == (3, 3)


def test_a_job_with_everything_cached_signals_itself(house: EngineHouse) -> None:
    first = planned(house)
    house.dispatch(first)
    house.map_all()
    job_id = house.ask(count("audit"))
    house.plan(job_id)
    token = house.dispatch(job_id)
    assert house.queue.is_empty()
    house.follow(job_id, token)
    assert house.shown(job_id)["result"]["ledger"]["match"] == 3


def test_a_crash_after_the_last_send_is_followed_by_a_new_token(house: EngineHouse) -> None:
    house.model = model = ScriptedLanguageModel()
    job_id = planned(house)
    first = house.dispatch(job_id)
    second = house.dispatch(job_id)
    house.map_all()
    assert set(house.workflow.answers) == {second}
    assert first not in house.workflow.answers
    assert model.calls == 3
    house.follow(job_id, second)
    assert house.shown(job_id)["status"] == "completed"


def test_a_queue_that_fails_in_the_middle_leaves_the_rest_for_the_next_attempt(house: EngineHouse) -> None:
    job_id = planned(house)
    house.queue.room = 2
    with pytest.raises(UnavailableError):
        house.dispatch(job_id)
    assert house.scalar("SELECT count(*) FROM job_batches WHERE sent_at IS NOT NULL") == 2
    house.queue.room = None
    token = house.dispatch(job_id)
    house.map_all()
    house.follow(job_id, token)
    assert house.shown(job_id)["status"] == "completed"


def test_a_closed_token_is_not_counted_as_answered(house: EngineHouse) -> None:
    job_id = planned(house)
    token = house.dispatch(job_id)
    house.workflow.close(token)
    house.map_all()
    assert not house.workflow.answers
    assert house.scalar("SELECT signalled_at FROM job_signals") is None
    second = house.dispatch(job_id)
    assert second in house.workflow.answers


def test_a_batch_that_comes_twice_does_not_signal_while_others_are_open(house: EngineHouse) -> None:
    job_id = planned(house)
    house.dispatch(job_id)
    messages = house.queue.receive(1)
    house.map(messages)
    house.map(messages)
    assert house.workflow.signals == 0


def test_a_signal_is_sent_once(house: EngineHouse) -> None:
    job_id = planned(house)
    house.dispatch(job_id)
    house.map_all()
    assert not signal_job(house.database, house.workflow, house.tenant_id, job_id)
    assert house.workflow.signals == 1


def test_a_state_machine_that_does_not_answer_is_signalled_by_the_next_delivery(house: EngineHouse) -> None:
    job_id = planned(house, 1)
    token = house.dispatch(job_id)
    messages = house.queue.receive()
    house.workflow.down = True
    with pytest.raises(UnavailableError):
        house.map(messages)
    house.workflow.down = False
    house.map(messages)
    assert token in house.workflow.answers


def test_an_execution_that_was_superseded_cannot_send_end_or_answer(house: EngineHouse) -> None:
    house.model = model = ScriptedLanguageModel()
    job_id = planned(house)
    with house.database.tenant(house.tenant_id) as work:
        work.jobs.raise_generation(job_id)
    token = house.workflow.wait_with_token("execution:old")
    sent = dispatch_batches(house.database, house.queue, house.workflow, house.tenant_id, job_id, 1, token)
    answer = house.workflow.answers[token]
    assert (sent, answer.error) == (0, "Census.Superseded")
    cause = cause_of_failure(str(answer.error), answer.cause)
    settled = settle_job(house.database, model, house.tenant_id, job_id, cause, 1)
    reduced = reduce_job(replace(house.fold_tools(), model=model), house.tenant_id, job_id, 1)
    assert settled is reduced is JobStatus.PROCESSING


def test_an_answer_is_not_made_while_batches_are_open(house: EngineHouse) -> None:
    job_id = planned(house)
    house.dispatch(job_id)
    status = reduce_job(house.fold_tools(), house.tenant_id, job_id, 1)
    assert status is JobStatus.PROCESSING
    assert house.job(job_id).result is None


def test_making_the_answer_again_changes_nothing(house: EngineHouse) -> None:
    job_id = planned(house)
    token = house.dispatch(job_id)
    house.map_all()
    house.follow(job_id, token)
    before = house.job(job_id)
    reduce_job(house.fold_tools(), house.tenant_id, job_id, 1)
    assert house.job(job_id) == before


def test_the_token_is_nothing_that_the_application_role_can_read(house: EngineHouse) -> None:
    job_id = planned(house)
    house.dispatch(job_id)
    with pytest.raises(Exception, match="permission denied"):
        house.scalar("SELECT task_token FROM job_signals WHERE job_id = :job", job=job_id)


def test_messages_carry_ids_only(house: EngineHouse) -> None:
    job_id = planned(house, 1)
    house.dispatch(job_id)
    assert house.queue.receive() == [
        {"tenant_id": str(house.tenant_id), "job_id": str(job_id), "generation": 2, "batch": 1}
    ]
