"""How a job ends, whatever went wrong, and who may see it."""

import datetime as dt
import uuid
from decimal import Decimal

import pytest

from census.application.describe_job import describe_job
from census.application.end_job import Cause
from census.application.list_rows import list_rows, rows_csv
from census.application.settle_job import DEADLINE, settle_job
from census.domain.errors import NotFoundError
from census.domain.identity import Caller
from census.domain.plan import Kind
from census.domain.routing import Route
from census.ports.language_model import PlanReply
from tests.engine.going_on import approve, cancel, retry
from tests.engine.house import EngineHouse
from tests.engine.plans import count, fees
from tests.engine.started_jobs import add_audits, half_read
from tests.fakes.scripted_model import ScriptedLanguageModel, invalid


def past() -> dt.datetime:
    return dt.datetime.now(dt.UTC) - dt.timedelta(seconds=1)


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
    add_audits(house)
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
    add_audits(house)
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
    add_audits(house)
    house.model = ScriptedLanguageModel([invalid])
    assert house.answer(count("audit"))["status"] == "failed"


def test_anothers_job_looks_like_none(house: EngineHouse) -> None:
    add_audits(house)
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
