"""A job's life: approved, cancelled, retried, ended at its deadline, and seen by its owner alone."""

import datetime as dt
import uuid
from decimal import Decimal

import pytest

from census.application.cancel_job import cancel_job
from census.application.describe_job import describe_job
from census.application.end_job import Cause
from census.application.list_rows import list_rows, rows_csv
from census.application.settle_job import DEADLINE, settle_job
from census.domain.errors import ConflictError, NotFoundError
from census.domain.identity import Caller
from census.domain.jobs import JobStatus
from census.domain.plan import Filters, Kind
from census.domain.routing import Route
from census.ports.language_model import PlanReply
from tests.engine.going_on import approve, cancel, retry
from tests.engine.house import EngineHouse
from tests.engine.plans import count, fees
from tests.fakes.scripted_model import ScriptedLanguageModel, invalid

LONG = "Nothing of note is said in this sentence. " * 400


def three(house: EngineHouse) -> None:
    for number in range(3):
        house.add(f"{number}", f"We may audit number {number}. {LONG}")


def half_read(house: EngineHouse) -> tuple[uuid.UUID, str]:
    """A job with one of its three batches recorded."""
    three(house)
    job_id = house.ask(count("audit"))
    house.plan(job_id)
    token = house.dispatch(job_id)
    house.map(house.queue.receive(1))
    return job_id, token


def past() -> dt.datetime:
    return dt.datetime.now(dt.UTC) - dt.timedelta(seconds=1)


# Approval


def test_a_job_above_the_limit_waits_for_approval_and_reads_nothing(house: EngineHouse) -> None:
    three(house)
    house.model = model = ScriptedLanguageModel()
    job = house.answer(count("audit"), approve_above_usd=Decimal("0.01"))
    assert (job["status"], job["current_phase"], model.calls) == ("awaiting_approval", "queued", 0)
    assert job["cost"]["estimated_usd"]["high"] > 0.01
    house.reconcile(uuid.UUID(job["id"]))
    assert house.job(uuid.UUID(job["id"])).status is JobStatus.AWAITING_APPROVAL


def test_an_approved_job_goes_on_under_the_next_generation(house: EngineHouse) -> None:
    three(house)
    job_id = house.ask(count("audit"), approve_above_usd=Decimal(0))
    house.finish(job_id)
    approve(house, job_id)
    assert house.job(job_id).started_generation == 2
    assert house.finish(job_id)["result"]["ledger"]["match"] == 3


def test_a_plan_corrected_on_approval_is_the_one_that_runs(house: EngineHouse) -> None:
    three(house)
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


# Cancelling


def test_cancelling_in_mid_job_answers_from_what_was_read(house: EngineHouse) -> None:
    job_id, _ = half_read(house)
    job = cancel(house, job_id)
    assert (job["status"], job["result"]["ledger"]["match"]) == ("cancelled", 1)
    assert job["aggregation_details"]["skipped"] == {"cancelled": 2}
    assert job["result"]["bounds"] == {"low": 1, "high": 3}
    assert house.workflow.causes == {house.job(job_id).execution_arn: "The job was cancelled."}


def test_after_a_cancel_no_call_starts_and_late_outcomes_reopen_nothing(house: EngineHouse) -> None:
    three(house)
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


# Ends


def test_at_the_deadline_the_job_is_partial_and_a_retry_has_its_time_again(house: EngineHouse) -> None:
    job_id, _ = half_read(house)
    house.set_job(job_id, deadline_at=past())
    house.reconcile(job_id)
    job = house.shown(job_id)
    assert job["status"] == "partial"
    assert job["aggregation_details"]["skipped"] == {"deadline": 2}
    assert "deadline" in job["error_message"]
    house.model = model = ScriptedLanguageModel()
    house.set_job(job_id, deadline_at=house.job(job_id).created_at + dt.timedelta(seconds=60))
    retry(house, job_id)
    house.reconcile(job_id)
    assert (house.finish(job_id)["status"], model.calls) == ("completed", 2)


def test_a_job_that_waits_for_approval_past_its_deadline_fails(house: EngineHouse) -> None:
    three(house)
    job_id = house.ask(count("audit"), approve_above_usd=Decimal(0))
    house.finish(job_id)
    house.set_job(job_id, deadline_at=past())
    house.reconcile(job_id)
    assert house.shown(job_id)["status"] == "failed"


def test_whatever_went_wrong_the_job_ends_with_what_was_read_and_the_cause(house: EngineHouse) -> None:
    job_id, _ = half_read(house)
    cause = Cause("internal", "The lights went out.")
    settle_job(house.database, house.model, house.tenant_id, job_id, cause)
    job = house.shown(job_id)
    assert (job["status"], job["error_message"]) == ("partial", "The lights went out.")
    assert job["error_details"] == {"code": "internal"}
    assert job["result"]["ledger"] == {
        "total": 3, "match": 1, "no_match": 0, "unclear": 0, "unverified": 0, "failed": 2, "skipped": 0,
    }  # fmt: skip


def test_settling_a_finished_job_changes_nothing(house: EngineHouse) -> None:
    three(house)
    job_id = house.ask(count("audit"))
    before = house.finish(job_id)
    settle_job(house.database, house.model, house.tenant_id, job_id, DEADLINE)
    assert house.shown(job_id) == before


def test_a_ledger_that_does_not_add_up_is_no_answer(house: EngineHouse) -> None:
    job_id, _ = half_read(house)
    house.run("DELETE FROM job_items WHERE job_id = :job AND ordinal = 3", job=job_id)
    settle_job(house.database, house.model, house.tenant_id, job_id, DEADLINE)
    job = house.shown(job_id)
    assert (job["status"], job["result"]) == ("failed", None)
    assert job["error_details"] == {"code": "ledger"}


def test_a_job_whose_rows_no_code_can_read_ends_all_the_same(house: EngineHouse) -> None:
    job_id, _ = half_read(house)
    house.set_job(job_id, intent_data={"kind": "of another version"})
    settle_job(house.database, house.model, house.tenant_id, job_id, DEADLINE)
    job = house.shown(job_id)
    assert (job["status"], job["error_details"]) == ("failed", {"code": "unanswerable"})


def test_a_plan_is_made_where_the_question_came_without_one(house: EngineHouse) -> None:
    house.add("a", "We may audit you.")
    job_id = house.ask(None, "How many documents mention audit?")
    job = house.finish(job_id)
    assert job["result"]["ledger"]["match"] == 1
    assert job["intent_data"]["kind"] == "count"


def test_a_question_that_has_to_be_asked_back_ends_the_job_with_that_question(house: EngineHouse) -> None:
    house.model = ScriptedLanguageModel(
        plan_reply=PlanReply(Route.CLARIFICATION, "unclear", None, "Which contracts?")
    )
    job = house.finish(house.ask(None, "How many?"))
    assert (job["status"], job["error_message"]) == ("failed", "Which contracts?")


def test_a_job_in_which_nothing_could_be_read_failed(house: EngineHouse) -> None:
    three(house)
    house.model = ScriptedLanguageModel([invalid])
    assert house.answer(count("audit"))["status"] == "failed"


# Owners


def test_anothers_job_looks_like_none(house: EngineHouse) -> None:
    three(house)
    job_id = house.ask(count("audit"))
    colleague = Caller(uuid.uuid4(), house.tenant_id)
    with house.database.tenant(house.tenant_id) as work:
        for look in (
            lambda: describe_job(work, colleague.user_id, job_id),
            lambda: list_rows(work, colleague.user_id, job_id, 10, 0),
            lambda: rows_csv(work, colleague.user_id, job_id),
        ):
            with pytest.raises(NotFoundError):
                look()
    with pytest.raises(NotFoundError):
        cancel(house, job_id, colleague)
    with pytest.raises(NotFoundError):
        cancel(house, job_id, Caller(house.caller.user_id, uuid.uuid4()))
    house.caller = colleague
    for go_on in (approve, retry):
        with pytest.raises(NotFoundError):
            go_on(house, job_id)


def test_rows_come_page_by_page_and_as_a_file_without_formulas(house: EngineHouse) -> None:
    house.add("=cmd|' /C calc'!A0", "Fee: $5")
    house.add("b", "No amount.")
    job_id = house.ask(fees(Kind.SUM))
    house.finish(job_id)
    with house.database.tenant(house.tenant_id) as work:
        first, after = list_rows(work, house.caller.user_id, job_id, 1, 0)
        second, end = list_rows(work, house.caller.user_id, job_id, 1, after or 0)
        csv = rows_csv(work, house.caller.user_id, job_id)
    assert [row["status"] for row in first + second] == ["match", "no_match"]
    assert first[0]["fields"]["fee"]["amount"] == [{"unit": "USD", "value": "5"}]
    assert end is None
    assert "'=cmd|' /C calc'!A0" in csv.splitlines()[1]
