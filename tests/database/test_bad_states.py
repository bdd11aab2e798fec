"""States that the database itself refuses, and what goes with what."""

import uuid

import pytest
from sqlalchemy.exc import DBAPIError

from census.adapters.postgres.database import PostgresDatabase
from tests.database.rows import OTHER, add_asked, add_file, add_user, one, run

JOB = "UPDATE processing_jobs SET {0} WHERE id = :job"


def test_a_job_ends_with_its_time(database: PostgresDatabase) -> None:
    job = add_asked(database).job

    assert run(database, JOB.format("status = 'failed', completed_at = now()"), job=job) == 1


@pytest.mark.parametrize(("status", "ended"), [("completed", True), ("failed", True), ("pending", False)])
def test_a_file_has_the_time_of_its_end_exactly_while_it_has_ended(
    database: PostgresDatabase, status: str, ended: bool
) -> None:
    file = add_file(database, status="'pending'", processed_at="now()")
    assert one(database, "SELECT processed_at FROM knowledge_files WHERE id = :id", id=file) is None

    run(database, "UPDATE knowledge_files SET status = :status WHERE id = :id", status=status, id=file)

    at = one(database, "SELECT processed_at FROM knowledge_files WHERE id = :id", id=file)
    assert (at is not None) is ended


def test_a_file_without_a_status_counts_as_completed(database: PostgresDatabase) -> None:
    file = add_file(database, status="NULL", received_at="now()")

    with database.tenant(uuid.UUID(int=0xA)) as work:
        assert work.files.get(file).status == "completed"
        assert [(count.status, count.documents) for count in work.files.counts()] == [("completed", 1)]
    assert one(database, "SELECT status FROM files_by_status") == "completed"
    assert one(database, "SELECT processed_at FROM knowledge_files WHERE id = :id", id=file) is not None


@pytest.mark.parametrize(
    "reference",
    [
        "INSERT INTO messages (conversation_id, role) VALUES (:conversation, 'user')",
        "INSERT INTO processing_jobs (user_id, conversation_id, job_type, user_query)"
        " VALUES (:user, :conversation, 'aggregation', 'q')",
        "INSERT INTO job_items (job_id, ordinal, source_kind, source_id, source_name)"
        " VALUES (:job, 1, 'file', :job, 'x')",
        "INSERT INTO job_batches (job_id, ordinal, windows, atoms, first_item, last_item, tokens)"
        " VALUES (:job, 1, '[]', '{}', 1, 1, 1)",
        "INSERT INTO job_signals (job_id, generation) VALUES (:job, 1)",
        "INSERT INTO knowledge_files (user_id, filename, replaces) VALUES (:user, 'x', :file)",
    ],
)
def test_no_row_refers_to_another_tenants(database: PostgresDatabase, reference: str) -> None:
    theirs = add_asked(database, OTHER)
    values = {**vars(theirs), "file": add_file(database, OTHER), "user": add_user(database)}

    with pytest.raises(DBAPIError, match="violates foreign key constraint"):
        run(database, reference, **{name: v for name, v in values.items() if f":{name}" in reference})


def test_a_conversation_takes_its_messages_and_jobs_along(database: PostgresDatabase) -> None:
    asked, other = add_asked(database), add_asked(database)

    run(database, "DELETE FROM conversations WHERE id = :id", id=asked.conversation)

    assert one(database, "SELECT count(*) FROM processing_jobs") == 1
    assert one(database, "SELECT id FROM messages") == other.message


def test_a_deleted_job_leaves_its_message_without_one(database: PostgresDatabase) -> None:
    asked = add_asked(database)

    run(database, "DELETE FROM processing_jobs WHERE id = :id", id=asked.job)

    assert one(database, "SELECT count(*) FROM messages WHERE job_id IS NULL") == 1


def test_a_deleted_message_leaves_its_job(database: PostgresDatabase) -> None:
    asked = add_asked(database)

    run(database, "DELETE FROM messages WHERE id = :id", id=asked.message)

    assert one(database, "SELECT count(*) FROM processing_jobs WHERE message_id IS NULL") == 1


def test_a_deleted_version_leaves_the_next_one(database: PostgresDatabase) -> None:
    old = add_file(database)
    new = add_file(database, replaces=f"'{old}'")

    run(database, "DELETE FROM knowledge_files WHERE id = :id", id=old)

    assert one(database, "SELECT id FROM knowledge_files WHERE replaces IS NULL") == new
