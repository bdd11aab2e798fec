"""The migrator: what it adopts, what it refuses, and that it leaves nothing half-done."""

import threading
import uuid
from collections.abc import Callable

import pytest
from sqlalchemy import NullPool, create_engine, text

from census.adapters.postgres.migrator import MigrationError, MigrationReport, migrate
from census.domain.errors import UnavailableError
from infra.local.postgres import OWNER
from migrations.__main__ import main
from migrations.schema_sql import SQL_FOLDER
from tests.database.catalogue import catalogue
from tests.database.servers import psql
from tests.postgres import PostgresServer

HEAD = max(path.name for path in SQL_FOLDER.glob("*.up.sql")).removesuffix(".up.sql")
BASELINE, JOBS, STATUS = "2026_11_01_baseline", "2026_11_02_processing_jobs", "2026_11_03_status_fields"


def to_head(url: str, **options: object) -> MigrationReport:
    return migrate(url, **{"vector_store": "pgvector", **options})  # type: ignore[arg-type]


def run(url: str, *statements: str) -> None:
    engine = create_engine(url, poolclass=NullPool)
    with engine.begin() as connection:
        for statement in statements:
            connection.execute(text(statement))


def apply(server: PostgresServer, url: str, *revisions: str) -> None:
    for revision in revisions:
        assert psql(server, url, "-f", str(SQL_FOLDER / f"{revision}.up.sql")).returncode == 0


def test_an_empty_database_reaches_the_newest_revision(empty_url: str, migrated_url: str) -> None:
    report = to_head(empty_url)

    assert (report.before, report.after) == (None, HEAD)
    assert catalogue(empty_url) == catalogue(migrated_url)
    assert to_head(empty_url) == MigrationReport(HEAD, HEAD)


@pytest.mark.parametrize("applied", [[BASELINE], [BASELINE, JOBS], [BASELINE, JOBS, STATUS]])
def test_tables_made_by_direct_sql_are_taken_over(
    server: PostgresServer, empty_url: str, migrated_url: str, applied: list[str]
) -> None:
    apply(server, empty_url, *applied)

    assert to_head(empty_url).after == HEAD
    assert catalogue(empty_url) == catalogue(migrated_url)


@pytest.mark.parametrize(
    ("applied", "damage", "told"),
    [
        ([BASELINE], "DROP TABLE scraped_contents", "the table scraped_contents is missing"),
        ([BASELINE], "ALTER TABLE messages DROP COLUMN content", "messages.content is missing"),
        ([BASELINE, JOBS], "ALTER TABLE messages DROP COLUMN job_id", "messages.job_id is missing"),
        ([BASELINE, JOBS], "DROP INDEX idx_processing_jobs_status", "idx_processing_jobs_status is missing"),
        ([BASELINE], "ALTER TABLE knowledge_files ADD COLUMN status TEXT", "status is text instead of"),
        ([BASELINE, STATUS], "SELECT 1", "the revision before it is not"),
    ],
)
def test_a_half_applied_migration_is_refused_with_what_is_missing(
    server: PostgresServer, empty_url: str, applied: list[str], damage: str, told: str
) -> None:
    apply(server, empty_url, *applied)
    run(empty_url, damage)
    before = catalogue(empty_url)

    with pytest.raises(MigrationError, match=told) as refused:
        to_head(empty_url)

    assert "\n" not in str(refused.value)
    assert catalogue(empty_url) == before


def test_a_schema_changed_behind_its_version_is_refused(migrated_url: str) -> None:
    run(migrated_url, "ALTER TABLE messages DROP COLUMN job_id CASCADE")

    with pytest.raises(MigrationError, match=r"says it is at .*messages.job_id is missing"):
        to_head(migrated_url)


def test_a_newer_database_within_its_window_is_left_alone_with_a_warning(migrated_url: str) -> None:
    run(migrated_url, "UPDATE alembic_version SET version_num = '2099_01_01_future'")

    report = to_head(migrated_url)

    assert (report.before, report.after) == ("2099_01_01_future", "2099_01_01_future")
    assert report.warning is not None
    assert "newer than this release" in report.warning


def test_a_database_too_far_ahead_is_refused(migrated_url: str) -> None:
    run(
        migrated_url,
        "UPDATE alembic_version SET version_num = '2099_01_01_future'",
        "COMMENT ON TABLE alembic_version IS 'Runs code from revision 2098_01_01_later on.'",
    )

    with pytest.raises(MigrationError, match="too far ahead of this release"):
        to_head(migrated_url)


def test_an_invalid_index_is_found_and_rebuilt(server: PostgresServer, migrated_url: str) -> None:
    name = migrated_url.partition("@/")[2].partition("?")[0]
    server.run(
        "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'idx_messages_job_id'::regclass", name
    )

    assert to_head(migrated_url).built == ("idx_messages_job_id",)
    assert to_head(migrated_url).built == ()


def test_an_index_that_was_never_built_is_built(migrated_url: str) -> None:
    run(migrated_url, "DROP INDEX idx_knowledge_files_status, idx_conversations_user")

    assert set(to_head(migrated_url).built) == {"idx_knowledge_files_status", "idx_conversations_user"}


def test_two_migrations_at_once_give_one_schema(empty_url: str, migrated_url: str) -> None:
    reports: list[MigrationReport] = []
    threads = [threading.Thread(target=lambda: reports.append(to_head(empty_url))) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    assert sorted((report.before or "") for report in reports) == ["", HEAD]
    assert catalogue(empty_url) == catalogue(migrated_url)


def test_a_table_in_use_is_waited_for_and_then_migrated(server: PostgresServer, empty_url: str) -> None:
    apply(server, empty_url, BASELINE)
    engine = create_engine(empty_url, poolclass=NullPool)
    with engine.connect() as reader:
        reader.execute(text("LOCK TABLE messages IN ACCESS SHARE MODE"))
        release = threading.Timer(1.5, reader.commit)
        release.start()
        assert to_head(empty_url).after == HEAD
        release.join()


def test_jobs_of_before_in_a_state_census_does_not_know_are_named_and_kept(
    server: PostgresServer, empty_url: str
) -> None:
    apply(server, empty_url, BASELINE, JOBS)
    run(
        empty_url,
        "INSERT INTO profiles VALUES (gen_random_uuid())",
        "INSERT INTO conversations (user_id) SELECT user_id FROM profiles",
        "INSERT INTO processing_jobs (user_id, conversation_id, job_type, user_query, status)"
        " SELECT user_id, id, 'aggregation', 'q', 'running' FROM conversations",
    )

    with pytest.raises(
        MigrationError, match=r"ck_processing_jobs_status.*rows that were there .*correct them"
    ):
        to_head(empty_url)

    run(empty_url, "UPDATE processing_jobs SET status = 'queued' WHERE status = 'running'")
    assert to_head(empty_url).after == HEAD


def test_an_index_build_that_does_not_fit_is_refused(server: PostgresServer, empty_url: str) -> None:
    apply(server, empty_url, BASELINE)
    run(
        empty_url,
        "INSERT INTO profiles SELECT gen_random_uuid() FROM generate_series(1, 3)",
        "INSERT INTO knowledge_files (user_id, filename) SELECT user_id, repeat('x', 500) FROM profiles,"
        " generate_series(1, 10000)",
    )
    before = catalogue(empty_url)

    with pytest.raises(MigrationError, match="run `make migrate`"):
        to_head(empty_url, seconds=2)

    assert catalogue(empty_url) == before


def without_vector(server: PostgresServer) -> str:
    name = f"plain_{uuid.uuid4().hex}"
    server.run(f"CREATE DATABASE {name} OWNER {OWNER}")
    return server.url(name)


def test_a_login_that_may_not_create_vector_is_told_before_anything_is_done(server: PostgresServer) -> None:
    url = without_vector(server)

    with pytest.raises(MigrationError, match=r"VECTOR_STORE.*CREATE EXTENSION vector, or choose pinecone"):
        to_head(url)

    assert catalogue(url) == set()
    server.drop(url)


def test_pinecone_needs_no_vector_and_pgvector_can_follow(server: PostgresServer, migrated_url: str) -> None:
    url = without_vector(server)

    assert to_head(url, vector_store="pinecone").after == HEAD
    assert not [one for one in catalogue(url) if one[1] == "passage_vectors"]

    server.run("CREATE EXTENSION vector", url.partition("@/")[2].partition("?")[0])
    to_head(url)
    assert catalogue(url) == catalogue(migrated_url)
    server.drop(url)


def stranger(server: PostgresServer, rights: str = "") -> str:
    login = f"login_{uuid.uuid4().hex}"
    server.run(f"CREATE ROLE {login} LOGIN {rights}")
    return login


def test_a_login_without_rights_is_told_what_it_lacks(server: PostgresServer, empty_url: str) -> None:
    login = stranger(server)

    with pytest.raises(MigrationError, match="may not create tables in the schema public"):
        to_head(empty_url.replace(OWNER, login))


def test_a_login_that_owns_no_table_is_told_so(server: PostgresServer, empty_url: str) -> None:
    apply(server, empty_url, BASELINE)
    login = stranger(server)
    server.run(f"GRANT CREATE ON SCHEMA public TO {login}", empty_url.partition("@/")[2].partition("?")[0])

    with pytest.raises(MigrationError, match="does not own conversations"):
        to_head(empty_url.replace(OWNER, login))
    server.run(f"REVOKE CREATE ON SCHEMA public FROM {login}", empty_url.partition("@/")[2].partition("?")[0])


def test_an_unreachable_server_is_named() -> None:
    with pytest.raises(UnavailableError, match=r"No PostgreSQL answers at 127\.0\.0\.1:1"):
        to_head("postgresql://a:b@127.0.0.1:1/c")


@pytest.mark.parametrize(
    ("url", "arguments", "status", "told"),
    [
        ("postgresql://a:secret@127.0.0.1:1/c", ["upgrade"], 1, "No PostgreSQL answers at 127.0.0.1:1"),
        ("", ["upgrade"], 1, "DATABASE_URL is not set"),
        ("mysql://a/b", ["current"], 1, "must be PostgreSQL"),
        ("no url", ["upgrade"], 1, "is no URL"),
        ("postgresql://a:secret@127.0.0.1:1/c", ["current"], 1, "No PostgreSQL answers at 127.0.0.1:1"),
        ("postgresql://a:secret@127.0.0.1:1/c", ["downgrade", "x"], 1, "No PostgreSQL answers"),
        ("postgresql://a:se@cret@127.0.0.1:1/c", ["upgrade"], 1, "two @: write the password's signs"),
        ("postgresql://127.0.0.1:1/c", ["upgrade"], 1, "names no user"),
        ("postgresql://a:secret@127.0.0.1:1/c?sslcert=x&sslkey=y", ["upgrade"], 1, "sets sslcert, sslkey"),
        ("postgresql://a@/c?host=/run/postgresql", ["upgrade"], 1, "unix_sock=/path/.s.PGSQL.5432"),
        ("", ["sideways"], 2, "usage:"),
        ("", ["downgrade"], 2, "usage:"),
    ],
)
def test_the_command_ends_with_one_line_and_a_status(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    url: str,
    arguments: list[str],
    status: int,
    told: str,
) -> None:
    monkeypatch.setenv("DATABASE_URL", url)

    assert main(arguments) == status

    error = capsys.readouterr().err
    assert told in error
    assert error.count("\n") == 1
    assert "cret" not in error


def test_the_command_migrates_back_and_forth(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], empty_url: str
) -> None:
    monkeypatch.setenv("DATABASE_URL", empty_url)
    steps: list[Callable[[], int]] = [
        lambda: main(["upgrade"]),
        lambda: main(["downgrade", STATUS]),
        lambda: main(["upgrade"]),
        lambda: main(["current"]),
    ]

    assert [step() for step in steps] == [0, 0, 0, 0]
    told = [f"empty → {HEAD}", f"{HEAD} → {STATUS}", f"{STATUS} → {HEAD}", HEAD]
    assert capsys.readouterr().out.splitlines() == told
