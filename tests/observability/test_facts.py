"""What happens to jobs and documents is measured when it is committed, once."""

import uuid
from contextlib import suppress
from dataclasses import replace

import pytest

from census.adapters.metered_language_model import MeteredLanguageModel
from census.adapters.postgres.database import PostgresDatabase
from census.application.cancel_job import cancel_job
from census.application.map_batch import batch_message, map_batch
from census.application.reduce_job import reduce_job
from census.application.settle_job import cause_of_failure, settle_job
from census.domain import measures
from census.domain.errors import LedgerError
from census.domain.facts import DocumentProcessed
from census.ports.call_leases import CallLimits, RepeatRules
from census.ports.folding import FoldRequest, FoldStep
from census.ports.language_model import PlanRequest, ReadRequest
from tests.engine.house import EngineHouse, price
from tests.engine.plans import count
from tests.engine.started_jobs import dispatched
from tests.fakes.scripted_model import Fault, ScriptedLanguageModel, busy, first, unusable
from tests.observability.recorded import RecordedMetrics


def measured_model(house: EngineHouse, metrics: RecordedMetrics, *faults: Fault) -> None:
    house.model = MeteredLanguageModel(ScriptedLanguageModel(faults), metrics, price)


def test_a_jobs_end_is_measured_with_its_ledger_time_and_cost(
    house: EngineHouse, metrics: RecordedMetrics
) -> None:
    house.add("a", "We may audit you.")
    house.add("b", "Nothing of the kind.")
    house.answer(count("audit"))
    assert metrics.values(measures.JOBS_ENDED, Status="completed") == [1]
    (seconds,) = metrics.values(measures.JOB_DURATION, Status="completed")
    assert 0 < seconds < 60
    assert metrics.values(measures.JOB_COST) == [pytest.approx(0.0111)]
    assert metrics.total(measures.ITEMS_CLASSIFIED, Class="match") == 1
    assert metrics.total(measures.ITEMS_CLASSIFIED, Class="no_match") == 1
    assert metrics.values(measures.LEDGER_REMAINDER) == [0]


def test_an_end_that_is_asked_for_again_is_measured_once(
    house: EngineHouse, metrics: RecordedMetrics
) -> None:
    house.add("a", "We may audit you.")
    job_id = house.ask(count("audit"))
    house.finish(job_id)
    reduce_job(house.fold_tools(), house.tenant_id, job_id, house.job(job_id).generation)
    settle_job(house.database, house.model, house.tenant_id, job_id, cause_of_failure("Late", ""))
    assert metrics.total(measures.JOBS_ENDED, Status="completed") == 1
    assert metrics.total(measures.JOBS_ENDED, Status="failed") == 0


def test_a_cancelled_and_a_failed_job_are_measured_as_such(
    house: EngineHouse, metrics: RecordedMetrics
) -> None:
    house.add("a", "We may audit you.")
    cancelled = house.ask(count("audit"))
    cancel_job(house.database, house.workflow, house.model, house.caller, cancelled)
    failed = house.ask(count("audit"))
    settle_job(house.database, house.model, house.tenant_id, failed, cause_of_failure("Broken", ""))
    assert metrics.total(measures.JOBS_ENDED, Status="cancelled") == 1
    assert metrics.total(measures.JOBS_ENDED, Status="failed") == 1


def test_documents_in_no_class_show_as_the_ledgers_remainder(
    house: EngineHouse, metrics: RecordedMetrics
) -> None:
    house.add("a", "We may audit you.")
    job_id, token = dispatched(house)
    house.map_all()
    house.set_job(job_id, total_items=6)
    with pytest.raises(LedgerError):
        house.follow(job_id, token)
    settle_job(house.database, house.model, house.tenant_id, job_id, cause_of_failure("LedgerError", ""))
    assert metrics.values(measures.LEDGER_REMAINDER) == [2]
    assert metrics.total(measures.JOBS_ENDED, Status="failed") == 1


def test_items_known_from_an_earlier_question_are_measured(
    house: EngineHouse, metrics: RecordedMetrics
) -> None:
    house.add("a", "We may audit you.")
    house.answer(count("audit"))
    house.add("b", "You may audit us.")
    house.answer(count("audit"))
    assert metrics.values(measures.ITEMS_PINNED) == [1, 2]
    assert metrics.values(measures.ITEMS_FROM_CACHE) == [0, 1]


def test_what_is_rolled_back_never_happened(database: PostgresDatabase, metrics: RecordedMetrics) -> None:
    with suppress(ZeroDivisionError), database.tenant(uuid.uuid4()) as work:
        work.note(DocumentProcessed("file", "completed"))
        raise ZeroDivisionError
    assert metrics.measurements == []


def test_model_calls_are_timed_and_priced_also_when_they_fail(
    house: EngineHouse, metrics: RecordedMetrics
) -> None:
    house.add("a", "We may audit you.")
    measured_model(house, metrics, first(1, busy(retry_after=1)))
    house.answer(count("audit"))
    assert len(metrics.values(measures.MODEL_LATENCY, Operation="read")) == 2
    assert metrics.total(measures.MODEL_BUSY) == 1
    assert metrics.total(measures.MODEL_SPENDING) == pytest.approx(0.0111)


def test_batches_that_may_not_be_read_again_yet_are_counted_and_lose_no_attempt(
    house: EngineHouse, metrics: RecordedMetrics
) -> None:
    house.model = model = ScriptedLanguageModel([busy()], name=uuid.uuid4().hex)
    house.limits = CallLimits(32, repeats=RepeatRules(share=0, least=0, most=0, a_minute=0))
    job_id, _ = dispatched(house, 2)
    house.map()
    house.queue.advance(max(house.queue.delays()))
    tools = replace(house.map_tools(), metrics=metrics)
    map_batch(tools, [batch_message(message) for message in house.queue.receive()], 60)
    assert model.calls == 2
    assert metrics.total(measures.MODEL_REPEATS_REFUSED) == 2
    assert house.scalar("SELECT sum(attempts) FROM job_batches WHERE job_id = :job", job=job_id) == 0
    assert len(house.queue.delays()) == 2


def test_whatever_a_model_is_asked_is_timed(house: EngineHouse, metrics: RecordedMetrics) -> None:
    measured_model(house, metrics)
    house.model.plan_question(PlanRequest("How many documents mention audits?"))
    house.model.read_windows(ReadRequest((), ()))
    house.model.fold(FoldRequest(FoldStep.NOTE, "What?", ("It rains.",)))
    house.model.answer_lookup("Who audits?", [])
    for operation in measures.ModelOperation:
        assert len(metrics.values(measures.MODEL_LATENCY, Operation=operation)) == 1, operation


def test_a_model_that_cannot_be_used_is_measured(house: EngineHouse, metrics: RecordedMetrics) -> None:
    house.add("a", "We may audit you.")
    measured_model(house, metrics, unusable)
    house.answer(count("audit"))
    assert metrics.total(measures.MODEL_UNUSABLE) == 1
