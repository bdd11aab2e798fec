"""The monitoring questions of the source documents, each as it is asked there."""

import pytest
from sqlalchemy import text

from census.adapters.postgres.database import PostgresDatabase
from tests.database.rows import OTHER, TENANT, Asked, add_asked, add_file, add_user, one, run

COLUMNS = {
    "files_by_status": ["status", "count"],
    "failed_files": ["filename", "status", "processing_error", "uploaded_at"],
    "stuck_files": ["id", "filename", "uploaded_at", "minutes_pending"],
    "file_processing_times": ["processing_seconds", "count"],
    "pages_by_status": ["status", "count"],
    "failed_pages": ["url", "status", "processing_error", "created_at"],
    "stuck_pages": ["id", "url", "created_at", "minutes_pending"],
    "page_processing_times": ["processing_seconds", "count"],
    "jobs_by_status": ["status", "count"],
    "failed_jobs": ["id", "job_type", "status", "error_message", "created_at"],
    "stuck_jobs": ["id", "job_type", "created_at", "minutes_pending"],
    "job_processing_times": ["processing_seconds", "count"],
    "queue_health": ["queue", "waiting", "processing", "expired_claims", "oldest_waiting_seconds",
                     "failed_last_hour", "completed_last_hour"],
}  # fmt: skip


def rows(database: PostgresDatabase, view: str) -> list[tuple[object, ...]]:
    with database.monitoring() as session:
        return [tuple(row) for row in session.execute(text(f"SELECT * FROM {view}"))]


@pytest.mark.parametrize("view", COLUMNS)
def test_the_view_has_the_columns_of_the_question(database: PostgresDatabase, view: str) -> None:
    with database.monitoring() as session:
        assert list(session.execute(text(f"SELECT * FROM {view}")).keys()) == COLUMNS[view]


def test_files_are_counted_over_all_tenants_and_null_is_completed(database: PostgresDatabase) -> None:
    add_file(database, TENANT, status="NULL")
    add_file(database, OTHER, status="'completed'")
    add_file(database, OTHER, status="'failed'")

    assert sorted(rows(database, "files_by_status")) == [("completed", 2), ("failed", 1)]


def test_failed_files_come_newest_first(database: PostgresDatabase) -> None:
    add_file(database, status="'failed'", processing_error="'old'", uploaded_at="now() - interval '1 day'")
    add_file(database, status="'failed'", processing_error="'new'")

    assert [row[2] for row in rows(database, "failed_files")] == ["new", "old"]


def test_a_file_is_stuck_only_once_its_upload_came(database: PostgresDatabase) -> None:
    ago = "now() - interval '21 minutes'"
    stuck = add_file(database, uploaded_at=ago, received_at=ago, upload_expires_at="now()")
    of_another_system = add_file(database, uploaded_at=ago)
    add_file(database, uploaded_at=ago, upload_expires_at="now()")
    add_file(database, uploaded_at=ago, received_at="now() - interval '9 minutes'")

    found = {row[0]: row[3] for row in rows(database, "stuck_files")}

    assert found == {stuck: 21, of_another_system: 21}


def test_processing_time_runs_from_the_upload_to_the_end(database: PostgresDatabase) -> None:
    for seconds in (5, 5, 9):
        add_file(
            database,
            status="'completed'",
            uploaded_at="now() - interval '1 hour'",
            received_at="now() - interval '10 minutes'",
            processed_at=f"now() - interval '10 minutes' + interval '{seconds} seconds'",
        )

    assert rows(database, "file_processing_times") == [(5, 2), (9, 1)]


def test_pages_are_asked_alike(database: PostgresDatabase) -> None:
    user = add_user(database)
    for url, status, minutes in (
        ("a", "failed", 1),
        ("b", "pending", 15),
        ("c", "pending", 1),
        ("d", None, 2),
    ):
        run(
            database,
            "INSERT INTO scraped_contents (user_id, url, status, created_at, processed_at)"
            " VALUES (:user, :url, :status, now() - make_interval(mins => :minutes),"
            " now() - make_interval(mins => :minutes) + interval '3 seconds')",
            user=user,
            url=url,
            status=status,
            minutes=minutes,
        )

    assert sorted(rows(database, "pages_by_status")) == [("completed", 1), ("failed", 1), ("pending", 2)]
    assert [row[0] for row in rows(database, "failed_pages")] == ["a"]
    assert [(row[1], row[3]) for row in rows(database, "stuck_pages")] == [("b", 15)]
    assert rows(database, "page_processing_times") == [(3, 1)]


def make_job(database: PostgresDatabase, assignments: str) -> Asked:
    asked = add_asked(database)
    run(database, f"UPDATE processing_jobs SET {assignments} WHERE id = :job", job=asked.job)
    return asked


def test_jobs_are_asked_alike(database: PostgresDatabase) -> None:
    long_ago = "created_at = now() - interval '30 minutes'"
    failed = make_job(database, "status = 'failed', completed_at = now(), error_message = 'why'")
    make_job(
        database, "status = 'completed', started_at = now() - interval '7 seconds', completed_at = now()"
    )
    dead = make_job(
        database, f"status = 'processing', {long_ago}, next_check_at = now() - interval '20 minutes'"
    )
    queued = make_job(database, long_ago)
    make_job(database, f"status = 'processing', {long_ago}, next_check_at = now()")
    make_job(database, f"status = 'awaiting_approval', {long_ago}")

    assert {row[0]: row[3] for row in rows(database, "failed_jobs")} == {failed.job: "why"}
    assert {row[0] for row in rows(database, "stuck_jobs")} == {dead.job, queued.job}
    assert rows(database, "job_processing_times") == [(7, 1)]
    assert dict(rows(database, "jobs_by_status")) == {  # type: ignore[arg-type]
        "failed": 1, "completed": 1, "processing": 2, "queued": 1, "awaiting_approval": 1,
    }  # fmt: skip


def test_queue_health_tells_waiting_work_from_work_whose_worker_died(database: PostgresDatabase) -> None:
    add_file(
        database, received_at="now() - interval '30 seconds'", uploaded_at="now() - interval '2 minutes'"
    )
    add_file(database, upload_expires_at="now()")
    add_file(database, status="'processing'", claimed_until="now() - interval '1 minute'")
    add_file(database, status="'failed'")

    health = {row[0]: row[1:] for row in rows(database, "queue_health")}

    waiting, processing, expired, oldest, failed, completed = health["file"]
    assert (waiting, processing, expired, failed, completed) == (1, 1, 1, 1, 0)
    assert 30 <= float(oldest) < 120  # type: ignore[arg-type]  # since it was received, not uploaded
    assert set(health) == {"file", "page", "job", "batch"}


def test_failed_pages_and_jobs_come_newest_first(database: PostgresDatabase) -> None:
    user = add_user(database)
    for days in (2, 3, 1):
        at = f"now() - interval '{days} days'"
        run(
            database,
            "INSERT INTO scraped_contents (user_id, url, status, processing_error, created_at)"
            f" VALUES (:user, 'u', 'failed', '{days}', {at})",
            user=user,
        )
        ended = f"status = 'failed', completed_at = now(), error_message = '{days}'"
        make_job(database, f"{ended}, created_at = {at}")

    assert [row[2] for row in rows(database, "failed_pages")] == ["1", "2", "3"]
    assert [row[3] for row in rows(database, "failed_jobs")] == ["1", "2", "3"]


def assert_health(database: PostgresDatabase, queue: str, counts: tuple[int, ...], oldest: int) -> None:
    """Waiting, processing, expired, failed, completed; the oldest waited for `oldest` s when it was made."""
    with database.monitoring() as session:
        asked = text("SELECT * FROM queue_health WHERE queue = :queue")
        found = session.execute(asked, {"queue": queue}).one()
    assert (*found[1:4], *found[5:]) == counts
    assert oldest <= found.oldest_waiting_seconds < oldest + 60


def test_queue_health_counts_pages(database: PostgresDatabase) -> None:
    user = add_user(database)
    for status, columns in (
        ("'pending'", {"created_at": "now() - interval '100 seconds'"}),
        ("'pending'", {}),
        ("'processing'", {"claimed_until": "now() - interval '1 second'"}),
        ("'processing'", {"claimed_until": "now() + interval '1 minute'"}),
        ("'failed'", {"processed_at": "now() - interval '59 minutes'"}),
        ("'failed'", {"processed_at": "now() - interval '61 minutes'"}),
        ("'completed'", {}),
        ("NULL", {"processed_at": "now() - interval '59 minutes'"}),
        ("NULL", {"processed_at": "now() - interval '61 minutes'"}),
    ):
        names, values = ", ".join(["status", *columns]), ", ".join([status, *columns.values()])
        run(
            database,
            f"INSERT INTO scraped_contents (user_id, url, {names}) VALUES (:user, 'u', {values})",
            user=user,
        )

    assert_health(database, "page", (2, 2, 1, 1, 2), oldest=100)


def test_queue_health_counts_jobs(database: PostgresDatabase) -> None:
    make_job(database, "created_at = now() - interval '50 seconds'")
    make_job(database, "status = NULL, created_at = now() - interval '120 seconds'")
    make_job(database, "status = 'awaiting_approval', created_at = now() - interval '1 day'")
    make_job(database, "status = 'processing', deadline_at = now() + interval '1 minute'")
    make_job(database, "status = 'processing', deadline_at = now() - interval '1 minute'")
    for status in ("completed", "partial", "failed", "cancelled"):
        make_job(database, f"status = '{status}', completed_at = now() - interval '59 minutes'")
        make_job(database, f"status = '{status}', completed_at = now() - interval '61 minutes'")

    assert_health(database, "job", (2, 2, 1, 1, 2), oldest=120)


def test_queue_health_counts_batches_of_jobs_at_work(database: PostgresDatabase) -> None:
    ended = make_job(database, "status = 'cancelled', completed_at = now()").job
    job = make_job(database, "status = 'processing'").job
    for number, columns in enumerate(
        (
            {"sent_at": "now() - interval '40 seconds'"},
            {"sent_at": "now()"},
            {"claimed_until": "now() + interval '1 minute'"},
            {"claimed_until": "now() - interval '1 minute'"},
            {"outcome": "'failed'", "recorded_at": "now() - interval '59 minutes'"},
            {"outcome": "'failed'", "recorded_at": "now() - interval '61 minutes'"},
            {"outcome": "'done'", "recorded_at": "now()"},
            {"outcome": "'skipped'", "recorded_at": "now()"},
        )
    ):
        names, values = ", ".join(columns), ", ".join(columns.values())
        for of in (job, ended):
            run(
                database,
                "INSERT INTO job_batches (job_id, ordinal, windows, atoms, first_item, last_item, tokens,"
                f" {names}) VALUES (:job, {number}, '[]', '{{}}', 1, 1, 1, {values})",
                job=of,
            )

    assert_health(database, "batch", (2, 1, 1, 1, 1), oldest=40)


def test_a_job_without_a_status_is_queued(database: PostgresDatabase) -> None:
    odd = make_job(database, "status = NULL, created_at = now() - interval '11 minutes'")

    assert rows(database, "jobs_by_status") == [("queued", 1)]
    assert [(row[0], row[3]) for row in rows(database, "stuck_jobs")] == [(odd.job, 11)]


def test_the_app_asks_about_its_own_tenant(database: PostgresDatabase) -> None:
    add_file(database, OTHER, status="'failed'")

    assert one(database, "SELECT count(*) FROM failed_files") == 0
