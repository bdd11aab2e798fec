"""What people decide about a job: to let it go on, or to stop it."""

import datetime as dt
import uuid
from decimal import Decimal

import pytest

from census.application.cancel_job import cancel_job
from census.domain.errors import ConflictError
from census.domain.jobs import JobStatus
from census.domain.plan import Filters
from tests.engine.going_on import approve, cancel
from tests.engine.house import EngineHouse
from tests.engine.plans import count
from tests.engine.started_jobs import add_audits, half_read
from tests.fakes.scripted_model import ScriptedLanguageModel


def past() -> dt.datetime:
    return dt.datetime.now(dt.UTC) - dt.timedelta(seconds=1)


def test_a_job_above_the_limit_waits_for_approval_and_reads_nothing(house: EngineHouse) -> None:
    add_audits(house)
    house.model = model = ScriptedLanguageModel()
    job = house.answer(count("audit"), approve_above_usd=Decimal("0.01"))
    assert (job["status"], job["current_phase"], model.calls) == ("awaiting_approval", "queued", 0)
    assert job["cost"]["estimated_usd"]["high"] > 0.01
    house.reconcile(uuid.UUID(job["id"]))
    assert house.job(uuid.UUID(job["id"])).status is JobStatus.AWAITING_APPROVAL


def test_an_approved_job_goes_on_under_the_next_generation(house: EngineHouse) -> None:
    add_audits(house)
    job_id = house.ask(count("audit"), approve_above_usd=Decimal(0))
    house.finish(job_id)
    approve(house, job_id)
    assert house.job(job_id).started_generation == 2
    assert house.finish(job_id)["result"]["ledger"]["match"] == 3


def test_a_plan_corrected_on_approval_is_the_one_that_runs(house: EngineHouse) -> None:
    add_audits(house)
    house.add("other.txt", "They may sue.")
    job_id = house.ask(count("audit"), approve_above_usd=Decimal(0))
    house.finish(job_id)
    corrected = count("sue")
    filters = Filters(name="other")
    approve(
        house,
        job_id,
        type(corrected)(corrected.kind, "sues", corrected.atoms, corrected.where, filters=filters),
    )
    job = house.finish(job_id)
    assert job["result"]["ledger"]["total"] == job["result"]["ledger"]["match"] == 1
    assert job["intent_data"]["predicate"] == "sues"


def test_approving_what_does_not_wait_is_a_conflict_that_names_the_state(house: EngineHouse) -> None:
    job_id = house.ask(count("audit"))
    house.finish(job_id)
    with pytest.raises(ConflictError, match="completed") as caught:
        approve(house, job_id)
    assert caught.value.state == "completed"


def test_cancelling_in_mid_job_answers_from_what_was_read(house: EngineHouse) -> None:
    job_id, _ = half_read(house)
    job = cancel(house, job_id)
    assert (job["status"], job["result"]["ledger"]["match"]) == ("cancelled", 1)
    assert job["aggregation_details"]["skipped"] == {"cancelled": 2}
    assert job["result"]["bounds"] == {"low": 1, "high": 3}
    assert house.workflow.causes == {house.job(job_id).execution_arn: "The job was cancelled."}


def test_after_a_cancel_no_call_starts_and_late_outcomes_reopen_nothing(house: EngineHouse) -> None:
    add_audits(house)
    job_id = house.ask(count("audit"))
    house.plan(job_id)
    house.dispatch(job_id)
    messages = house.queue.receive()

    def cancel_while_it_is_read(_request: object) -> None:
        if house.job(job_id).status is JobStatus.PROCESSING:
            cancel_job(house.database, house.workflow, house.model, house.caller, job_id)

    house.model = ScriptedLanguageModel([cancel_while_it_is_read])
    house.map(messages[:1])
    before = house.shown(job_id)
    assert before["status"] == "cancelled"
    house.model = model = ScriptedLanguageModel()
    house.map(messages[1:])
    assert model.calls == 0
    assert house.shown(job_id) == before
    assert house.scalar("SELECT count(*) FROM map_results") == 1


def test_cancelling_twice_is_a_conflict(house: EngineHouse) -> None:
    job_id, _ = half_read(house)
    cancel(house, job_id)
    with pytest.raises(ConflictError):
        cancel(house, job_id)


def test_a_job_cancelled_before_it_was_planned_says_so(house: EngineHouse) -> None:
    job_id = house.ask(count("audit"))
    job = cancel(house, job_id)
    assert (job["status"], job["error_message"]) == ("cancelled", "The job was cancelled.")
    assert house.plan(job_id).next == "end"


def test_cancelling_works_while_the_state_machine_does_not_answer(house: EngineHouse) -> None:
    job_id, _ = half_read(house)
    house.workflow.down = True
    assert cancel(house, job_id)["status"] == "cancelled"
