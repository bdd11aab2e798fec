"""Every CHECK of the schema is tried with a row it forbids; a new one without a case fails here."""

from collections.abc import Iterator

import pg8000.native
import pytest
from pg8000.exceptions import DatabaseError

from tests.database.every_table import Everything
from tests.postgres import PostgresServer

JOB, FILE, PAGE = "UPDATE processing_jobs SET ", "UPDATE knowledge_files SET ", "UPDATE scraped_contents SET "
BATCH, PASSAGE = "UPDATE job_batches SET ", "UPDATE passages SET "

FORBIDDEN = {
    "ck_processing_jobs_status": [JOB + "status = 'done', completed_at = NULL"],
    "ck_processing_jobs_phase": [JOB + "current_phase = 'sleeping'"],
    "ck_processing_jobs_ended": [
        JOB + "status = 'processing'",
        JOB + "status = NULL",
        JOB + "completed_at = NULL",
        *(JOB + f"status = '{one}', completed_at = NULL" for one in ("completed", "failed", "cancelled")),
        *(JOB + f"status = '{one}', completed_at = now()" for one in ("queued", "awaiting_approval")),
    ],
    "ck_processing_jobs_progress": [
        JOB + "progress = 1.001",
        JOB + "progress = -0.001",
        JOB + "progress = 'NaN'",
    ],
    "ck_processing_jobs_items": [
        JOB + "processed_items = 3",
        JOB + "processed_items = -1",
        JOB + "total_items = NULL",
    ],
    "ck_processing_jobs_batches": [
        JOB + "total_batches = 2, processed_batches = 2, failed_batches = 1",
        JOB + "processed_batches = -1",
        JOB + "failed_batches = -1",
        JOB + "total_batches = 1, processed_batches = NULL, failed_batches = 2",
        JOB + "total_batches = NULL, processed_batches = 1",
    ],
    "ck_processing_jobs_remaining": [JOB + "remaining = 1", JOB + "total_batches = NULL, remaining = 1"],
    "processing_jobs_remaining_check": [JOB + "remaining = -1"],
    "ck_processing_jobs_money": [JOB + "spent_usd = -1", JOB + "reserved_usd = -1"],
    "ck_processing_jobs_estimate": [JOB + "estimated_low_usd = 2, estimated_high_usd = 1"],
    "ck_processing_jobs_generation": [JOB + "started_generation = 1", JOB + "started_generation = -1"],
    "ck_processing_jobs_stopped_by": [JOB + "stopped_by = 'me'"],
    "processing_jobs_approve_above_usd_check": [JOB + "approve_above_usd = -1"],
    "processing_jobs_cap_usd_check": [JOB + "cap_usd = -1"],
    "ck_job_batches_recorded": [BATCH + "recorded_at = NULL", BATCH + "outcome = NULL"],
    "job_batches_outcome_check": [BATCH + "outcome = 'lost'"],
    "ck_job_batches_items": [BATCH + "last_item = 0"],
    "ck_job_batches_failed_calls": [BATCH + "failed_calls = -1"],
    "ck_job_batches_attempts": [BATCH + "attempts = -1"],
    "ck_job_batches_crashes": [BATCH + "crashes = -1"],
    "ck_job_batches_times_busy": [BATCH + "times_busy = -1"],
    "job_items_source_kind_check": ["UPDATE job_items SET source_kind = 'mail'"],
    "job_items_status_check": ["UPDATE job_items SET status = 'maybe'"],
    "ck_knowledge_files_status": [FILE + "status = 'queued', processed_at = NULL"],
    "ck_knowledge_files_processed": [
        FILE + "processed_at = now() WHERE status = 'pending'",
        FILE + "processed_at = NULL WHERE status = 'completed'",
        FILE + "processed_at = NULL WHERE status = 'failed'",
        FILE + "processed_at = NULL WHERE status IS NULL",
    ],
    "ck_knowledge_files_attempts": [FILE + "attempts = -1"],
    "knowledge_files_declared_size_check": [FILE + "declared_size = -1"],
    "knowledge_files_size_check": [FILE + "size = -1"],
    "ck_scraped_contents_status": [PAGE + "status = 'queued', processed_at = NULL"],
    "ck_scraped_contents_processed": [
        PAGE + "status = 'processing'",
        PAGE + "processed_at = NULL WHERE status = 'failed'",
        PAGE + "processed_at = NULL WHERE status IS NULL",
    ],
    "ck_scraped_contents_attempts": [PAGE + "attempts = -1"],
    "scraped_contents_size_check": [PAGE + "size = -1"],
    "crawls_depth_check": ["UPDATE crawls SET depth = 4", "UPDATE crawls SET depth = -1"],
    "crawls_max_pages_check": ["UPDATE crawls SET max_pages = 0", "UPDATE crawls SET max_pages = 1001"],
    "extracted_texts_passages_check": ["UPDATE extracted_texts SET passages = -1"],
    "extracted_texts_tokens_check": ["UPDATE extracted_texts SET tokens = -1"],
    "ck_passages_span": [PASSAGE + "char_end = char_start"],
    "passages_char_start_check": [PASSAGE + "char_start = -1"],
    "passages_ordinal_check": [PASSAGE + "ordinal = -1"],
    "budgets_daily_usd_check": ["UPDATE budgets SET daily_usd = -1"],
    "budgets_monthly_usd_check": ["UPDATE budgets SET monthly_usd = -1"],
    "budgets_approve_above_usd_check": ["UPDATE budgets SET approve_above_usd = -1"],
    "ck_model_leases_calls": ["UPDATE model_leases SET calls = 0"],
    "ck_removals_target": ["UPDATE removals SET object_key = NULL", "UPDATE removals SET text_id = id"],
    "vector_spaces_dimensions_check": ["UPDATE vector_spaces SET dimensions = 0"],
}
ALLOWED = [
    *(JOB + f"status = '{one}'" for one in ("completed", "partial", "failed", "cancelled")),
    *(
        JOB + f"status = '{one}', completed_at = NULL"
        for one in ("queued", "awaiting_approval", "processing")
    ),
    *(JOB + f"current_phase = '{one}'" for one in ("queued", "planning", "mapping", "reducing", "done")),
    JOB + "status = NULL, completed_at = NULL",
    JOB + "progress = 0",
    JOB + "progress = 1, processed_items = total_items",
    JOB + "total_batches = 3, processed_batches = 2, failed_batches = 1, remaining = 0",
    *(FILE + f"status = '{one}', processed_at = NULL" for one in ("pending", "processing")),
    *(PAGE + f"status = '{one}', processed_at = now()" for one in ("completed", "failed")),
    *(BATCH + f"outcome = '{one}'" for one in ("done", "failed", "skipped")),
]


@pytest.fixture(scope="module")
def admin(server: PostgresServer) -> Iterator[pg8000.native.Connection]:
    """The superuser on a database with rows in every table, without triggers and keys: the CHECKs alone."""
    url = server.clone()
    everything = Everything(server, url)
    everything.fill()
    with everything.opened() as connection:
        connection.run("SET session_replication_role = replica")
        yield connection
    server.drop(url)


@pytest.mark.parametrize(
    ("name", "statement"), [(name, one) for name, several in FORBIDDEN.items() for one in several]
)
def test_a_row_cannot_be(admin: pg8000.native.Connection, name: str, statement: str) -> None:
    with pytest.raises(DatabaseError) as refused:
        admin.run(statement)

    assert (refused.value.args[0]["C"], refused.value.args[0].get("n")) == ("23514", name)


@pytest.mark.parametrize("statement", ALLOWED)
def test_a_row_may_be(admin: pg8000.native.Connection, statement: str) -> None:
    admin.run("BEGIN")
    admin.run(statement)
    assert admin.row_count > 0
    admin.run("ROLLBACK")


def test_every_check_has_its_case(admin: pg8000.native.Connection) -> None:
    checks = admin.run(
        "SELECT DISTINCT conname FROM pg_constraint WHERE contype = 'c'"
        " AND connamespace = 'public'::regnamespace AND convalidated"
    )

    assert {name for (name,) in checks} == set(FORBIDDEN)
