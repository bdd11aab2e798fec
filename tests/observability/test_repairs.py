"""What brings lost work back is measured, and what stays behind as well."""

import datetime as dt
import json
import uuid
from dataclasses import replace

import pytest

from census.adapters.postgres.database import PostgresDatabase
from census.adapters.postgres.health_reader import PostgresHealthReader
from census.application.expire_upload import fail_upload
from census.application.measure_health import EVERY_SECONDS, HealthCheck
from census.application.reconcile_work import MOST_GENERATIONS, ReconcileTools, reconcile_job
from census.application.sweep import KEYS_KEPT_DAYS, sweep
from census.domain import measures
from census.domain.errors import UnavailableError
from tests.engine.house import EngineHouse
from tests.engine.plans import count
from tests.engine.started_jobs import dispatched, planned
from tests.observability.recorded import RecordedMetrics

AGO = dt.datetime.now(dt.UTC) - dt.timedelta(minutes=30)


@pytest.fixture
def tools(house: EngineHouse, metrics: RecordedMetrics) -> ReconcileTools:
    return replace(house.reconcile_tools(), metrics=metrics)


def check(house: EngineHouse, tools: ReconcileTools, job_id: uuid.UUID) -> None:
    """A check of the job that is due."""
    house.set_job(job_id, next_check_at=None)
    reconcile_job(tools, house.tenant_id, job_id)


def test_batches_sent_again_executions_restarted_and_deadlines_are_told_apart(
    house: EngineHouse, tools: ReconcileTools, metrics: RecordedMetrics
) -> None:
    job_id, _ = dispatched(house)
    house.queue.lose_everything()
    house.run("UPDATE job_batches SET sent_at = now() - interval '1 hour' WHERE job_id = :job", job=job_id)
    check(house, tools, job_id)
    house.workflow.end(str(house.job(job_id).execution_arn))
    check(house, tools, job_id)
    house.set_job(job_id, deadline_at=dt.datetime.now(dt.UTC))
    check(house, tools, job_id)
    for action in ("sent_again", "restarted", "deadline"):
        assert metrics.total(measures.RECONCILED, Action=action) == 1, action


def test_a_signal_sent_late_is_measured(
    house: EngineHouse, tools: ReconcileTools, metrics: RecordedMetrics
) -> None:
    job_id, _ = dispatched(house, 1)
    house.workflow.down = True
    with pytest.raises(UnavailableError):
        house.map()
    house.workflow.down = False
    check(house, tools, job_id)
    assert metrics.total(measures.RECONCILED, Action="signalled") == 1


def test_an_execution_that_was_never_started_is_measured(
    house: EngineHouse, tools: ReconcileTools, metrics: RecordedMetrics
) -> None:
    job_id = house.ask(count("audit"))
    house.set_job(job_id, execution_arn=None, created_at=AGO)
    check(house, tools, job_id)
    assert metrics.total(measures.RECONCILED, Action="started") == 1


def test_a_job_given_up_is_measured(
    house: EngineHouse, tools: ReconcileTools, metrics: RecordedMetrics
) -> None:
    job_id = planned(house)
    house.set_job(job_id, generation=MOST_GENERATIONS)
    house.workflow.end(str(house.job(job_id).execution_arn))
    check(house, tools, job_id)
    assert metrics.total(measures.RECONCILED, Action="gave_up") == 1


def test_a_sweep_says_that_it_was(tools: ReconcileTools, metrics: RecordedMetrics) -> None:
    sweep(tools)
    assert metrics.total(measures.SWEEPS_DONE) == 1


def test_a_row_that_cannot_be_handled_stops_no_other(
    house: EngineHouse, tools: ReconcileTools, metrics: RecordedMetrics
) -> None:
    sweep(tools)  # what other tests left
    jobs = [house.ask(count("audit")) for _ in range(3)]
    for job_id in jobs:
        house.set_job(job_id, deadline_at=AGO, next_check_at=None, created_at=AGO)
    house.set_job(jobs[0], pinned_at=AGO, intent_data={"no": "plan"}, next_check_at=AGO)
    house.run("UPDATE processing_jobs SET execution_arn = 'gone' WHERE id = :job", job=jobs[1])
    house.workflow.down = True  # it is asked to stop the executions: each job meets an error of its own
    house.set_job(jobs[2], execution_arn=None)
    sweep(tools)
    ended = {house.job(job_id).status.final for job_id in jobs}
    assert ended == {True}
    assert metrics.total(measures.WORK_BROKEN_OFF) == 2
    assert metrics.total(measures.SWEEPS_DONE) == 2


def test_a_sweep_in_which_nothing_went_well_failed(
    house: EngineHouse, tools: ReconcileTools, metrics: RecordedMetrics
) -> None:
    sweep(tools)
    job_id = house.ask(count("audit"))
    house.set_job(job_id, next_check_at=None)
    house.workflow.down = True
    with pytest.raises(UnavailableError):
        sweep(tools)
    assert metrics.total(measures.SWEEPS_DONE) == 1


def test_a_sweep_forgets_old_idempotency_keys_and_keeps_the_others(
    house: EngineHouse, tools: ReconcileTools
) -> None:
    with house.database.tenant(house.tenant_id) as work:
        work.conversations.ensure_profile(house.caller.user_id)
    for key, days in (("old", KEYS_KEPT_DAYS + 1), ("young", KEYS_KEPT_DAYS - 1)):
        house.run(
            "INSERT INTO idempotency_keys (user_id, key, request_hash, created_at)"
            " VALUES (:user, :key, repeat('0', 64), now() - make_interval(days => :days))",
            user=house.caller.user_id, key=key, days=days,
        )  # fmt: skip
    sweep(tools)
    assert house.scalar("SELECT string_agg(key, ' ') FROM idempotency_keys") == "young"


def test_stuck_rows_are_measured_by_kind(house: EngineHouse, metrics: RecordedMetrics) -> None:
    health = HealthCheck(PostgresHealthReader(house.database), metrics)
    house.set_file(house.announce("lost"), uploaded_at=AGO, received_at=AGO)
    job_id = house.ask(count("audit"))
    house.set_job(job_id, created_at=AGO)
    health.measure()
    assert metrics.total(measures.STUCK_ROWS, Kind="file") >= 1
    assert metrics.total(measures.STUCK_ROWS, Kind="job") >= 1
    assert metrics.values(measures.STUCK_ROWS, Kind="page") == [0]
    assert metrics.total(measures.ROWS_WAITING, Kind="file") >= 1


def test_expired_claims_and_connections_are_measured(house: EngineHouse, metrics: RecordedMetrics) -> None:
    job_id, _ = dispatched(house)
    house.run(
        "UPDATE job_batches SET claimed_until = now() - interval '1 second' WHERE job_id = :job", job=job_id
    )
    HealthCheck(PostgresHealthReader(house.database), metrics).measure()
    assert metrics.values(measures.CLAIMS_EXPIRED, Kind="batch") == [3]
    (used,) = metrics.values(measures.DATABASE_CONNECTIONS)
    assert 0 < used < 50


def test_health_is_read_once_a_minute_however_often_it_is_asked(
    house: EngineHouse, metrics: RecordedMetrics
) -> None:
    now = [0.0]
    health = HealthCheck(PostgresHealthReader(house.database), metrics, clock=lambda: now[0])
    for now[0] in (0, 1, EVERY_SECONDS - 1, EVERY_SECONDS, EVERY_SECONDS + 1):
        health.measure()
    assert len(metrics.values(measures.DATABASE_CONNECTIONS)) == 2


@pytest.mark.parametrize("address", ["/nowhere/.s.PGSQL.5432", "/tmp"])
def test_a_database_that_does_not_answer_is_measured(metrics: RecordedMetrics, address: str) -> None:
    database = PostgresDatabase(f"postgresql://owner@/census?unix_sock={address}", metrics=metrics)
    with pytest.raises(UnavailableError), database.system():
        pass
    assert metrics.total(measures.DATABASE_UNAVAILABLE) == 1


def test_a_dead_upload_is_a_document_that_failed(house: EngineHouse, metrics: RecordedMetrics) -> None:
    file_id = house.announce("deadly")
    assert fail_upload(house.database, house.tenant_id, file_id, "It crashed.")
    assert not fail_upload(house.database, house.tenant_id, file_id, "It crashed.")
    assert metrics.values(measures.DOCUMENTS_PROCESSED, Kind="file", Outcome="failed") == [1]
    assert (
        json.loads(house.scalar("SELECT processing_error FROM knowledge_files"))["code"] == "ingest_crashed"
    )
