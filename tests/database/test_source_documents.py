"""What the two source documents show: their example runs, their questions get the same answers here."""

import uuid

import pytest
from sqlalchemy import NullPool, create_engine, text

from census.adapters.postgres.database import PostgresDatabase
from census.adapters.postgres.models import ProcessingJob
from tests.database import source_sql
from tests.database.catalogue import catalogue
from tests.database.rows import TENANT, add_asked, add_file, one
from tests.postgres import PostgresServer, migrate


def test_the_example_of_the_first_document_creates_a_job(database: PostgresDatabase) -> None:
    asked = add_asked(database)

    with database.tenant(TENANT) as db:
        job = ProcessingJob(
            user_id=asked.user,
            conversation_id=asked.conversation,
            job_type="aggregation",
            user_query="Test query",
            intent_data={},
        )
        db.session.add(job)
        db.session.flush()  # the unit of work commits at its end
        created = job.id

    assert isinstance(created, uuid.UUID)
    with database.tenant(TENANT) as db:
        kept = db.session.query(ProcessingJob).filter_by(id=created).one()
        assert (kept.status, kept.current_phase, kept.progress) == ("queued", "queued", 0.0)
        assert (kept.total_items, kept.processed_batches, kept.failed_batches) == (0, 0, 0)
        assert (kept.message_id, kept.result, kept.completed_at, kept.intent_data) == (None, None, None, {})
        assert None not in (kept.started_at, kept.created_at, kept.updated_at)


def test_a_change_of_the_job_sets_updated_at_and_nothing_else(database: PostgresDatabase) -> None:
    job = add_asked(database).job
    at = "SELECT updated_at FROM processing_jobs WHERE id = :job"
    before, created = one(database, at, job=job), one(database, at.replace("updated", "created"), job=job)

    with database.tenant(TENANT) as db:
        found = db.session.query(ProcessingJob).filter_by(id=job).one()
        found.progress = 0.5

    assert one(database, at, job=job) > before  # type: ignore[operator]
    assert one(database, at.replace("updated", "created"), job=job) == created


def test_messages_are_linked_to_jobs_only_where_there_is_one(database: PostgresDatabase) -> None:
    asked = add_asked(database)
    plain = "INSERT INTO messages (conversation_id, role) VALUES (:conversation, 'user') RETURNING job_id"

    assert one(database, "SELECT job_id FROM messages WHERE id = :id", id=asked.message) == asked.job
    assert one(database, plain, conversation=asked.conversation) is None


@pytest.mark.parametrize(
    ("view", "question"),
    [
        ("files_by_status", source_sql.FILES_BY_STATUS),
        ("failed_files", source_sql.FAILED_FILES),
        ("stuck_files", source_sql.STUCK_FILES),
        ("file_processing_times", source_sql.FILE_PROCESSING_TIMES),
    ],
)
def test_each_monitoring_query_of_the_second_document_runs_and_the_view_answers_alike(
    database: PostgresDatabase, view: str, question: str
) -> None:
    for minutes, status in (
        (30, "pending"),
        (5, "pending"),
        (20, "failed"),
        (40, "failed"),
        (9, "processing"),
    ):
        add_file(
            database,
            status=f"'{status}'",
            uploaded_at=f"now() - interval '{minutes} minutes'",
            processing_error="'why'" if status == "failed" else "NULL",
        )
    for seconds in (3, 3, 8):
        ended = f"now() - interval '1 hour' + interval '{seconds} seconds'"
        add_file(
            database,
            status="'completed'",
            uploaded_at="now() - interval '1 hour'",
            updated_at=ended,
            processed_at=ended,
        )

    with database.tenant(TENANT) as work:
        by_document = work.session.execute(text(source_sql.in_postgres(question)))
        by_view = work.session.execute(text(f"SELECT * FROM {view}"))
        assert list(by_view.keys()) == list(by_document.keys())
        asked, found = by_document.all(), by_view.all()

    assert asked
    assert (found if "ORDER BY" in question else sorted(found)) == (
        asked if "ORDER BY" in question else sorted(asked)
    )


STATUS_FIELDS = {
    "status": ("character varying(50)", "'pending'::character varying"),
    "job_id": ("character varying(100)", None),
    "processing_error": ("text", None),
}
_COLUMNS = """
    SELECT attname, format_type(atttypid, atttypmod), attnotnull, pg_get_expr(adbin, adrelid)
    FROM pg_attribute LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
    WHERE attrelid = CAST(:table AS regclass) AND attnum > 0 AND NOT attisdropped
"""
_INDEXES = "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = :table"


@pytest.mark.parametrize("revision", ["2026_11_03_status_fields", "head"])
@pytest.mark.parametrize("table", ["knowledge_files", "scraped_contents"])
def test_the_status_fields_are_those_of_the_second_document(
    server: PostgresServer, empty_url: str, table: str, revision: str
) -> None:
    migrate(empty_url, revision)
    with create_engine(empty_url, poolclass=NullPool).connect() as connection:
        columns = {row[0]: tuple(row[1:]) for row in connection.execute(text(_COLUMNS), {"table": table})}
        indexes = {row[0]: row[1] for row in connection.execute(text(_INDEXES), {"table": table})}

    assert {name: columns[name] for name in STATUS_FIELDS} == {
        name: (kind, False, default) for name, (kind, default) in STATUS_FIELDS.items()
    }
    for column in ("status", "job_id"):
        assert indexes[f"idx_{table}_{column}"].endswith(f"ON public.{table} USING btree ({column})")


def test_what_the_first_document_gave_still_stands_at_the_end(
    server: PostgresServer, empty_url: str, migrated_url: str
) -> None:
    """Later revisions add to it: columns with type and default, indexes and the trigger are as they were."""
    migrate(empty_url, "2026_11_02_processing_jobs")
    first, last = (
        {one for one in catalogue(url) if "processing_jobs" in one[1] or one[1] == "messages.job_id"}
        for url in (empty_url, migrated_url)
    )

    changed = {(kind, name) for kind, name, _ in first - last}

    assert changed == {
        ("relation", "processing_jobs"),  # row security
        ("constraint", "processing_jobs.processing_jobs_conversation_id_fkey"),  # ON DELETE
        ("constraint", "processing_jobs.processing_jobs_message_id_fkey"),
    }
    assert {("trigger", "processing_jobs.update_processing_jobs_updated_at")} <= {one[:2] for one in last}
