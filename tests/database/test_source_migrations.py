"""Both source migrations by Alembic and by direct SQL, up and down, and the schema for new databases."""

from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import NullPool, create_engine

from census.adapters.postgres.models import Base, belongs_to_the_models
from migrations.indexes import split_indexes
from tests.database.catalogue import catalogue, in_substance
from tests.database.servers import psql
from tests.database.source_sql import PROCESSING_JOBS, PROCESSING_JOBS_ROLLBACK
from tests.postgres import MIGRATIONS, PostgresServer, migrate, migration_config

SQL = MIGRATIONS / "sql"
BASELINE, JOBS, STATUS = "2026_11_01_baseline", "2026_11_02_processing_jobs", "2026_11_03_status_fields"


def run_file(server: PostgresServer, url: str, name: str, *, single_transaction: bool = False) -> None:
    arguments = ["-1"] if single_transaction else []
    done = psql(server, url, *arguments, "-f", str(SQL / name))
    assert done.returncode == 0, done.stderr


def test_direct_sql_makes_what_alembic_makes(server: PostgresServer, empty_url: str) -> None:
    by_alembic = server.empty()
    migrate(by_alembic, STATUS)

    for revision in (BASELINE, JOBS, STATUS):
        run_file(server, empty_url, f"{revision}.up.sql", single_transaction=True)

    assert catalogue(empty_url) == catalogue(by_alembic)
    server.drop(by_alembic)


def test_the_concurrent_form_makes_the_same(server: PostgresServer, empty_url: str) -> None:
    by_alembic = server.empty()
    migrate(by_alembic, STATUS)
    migrate(empty_url, JOBS)

    run_file(server, empty_url, f"{STATUS}.up.concurrently.sql")

    assert catalogue(empty_url) == catalogue(by_alembic)
    server.drop(by_alembic)


def test_the_concurrent_form_holds_the_statements_of_the_plain_one() -> None:
    plain, indexes = split_indexes((SQL / f"{STATUS}.up.sql").read_text())
    concurrent = (SQL / f"{STATUS}.up.concurrently.sql").read_text()

    assert all(f"{index.concurrently};" in concurrent for index in indexes)
    assert all(line in concurrent for line in plain.splitlines() if line.startswith("ALTER"))


def test_direct_rollback_leaves_what_was_there_before(server: PostgresServer, empty_url: str) -> None:
    migrate(empty_url, BASELINE)
    before = {one for one in catalogue(empty_url) if one[0] != "function"}
    run_file(server, empty_url, f"{JOBS}.up.sql")
    run_file(server, empty_url, f"{STATUS}.up.sql")

    run_file(server, empty_url, f"{STATUS}.down.sql")
    run_file(server, empty_url, f"{JOBS}.down.sql")

    assert {one for one in catalogue(empty_url) if one[0] != "function"} == before


def test_processing_jobs_is_what_the_source_document_says(server: PostgresServer, empty_url: str) -> None:
    by_document = server.empty()
    migrate(by_document, BASELINE)
    migrate(empty_url, JOBS)

    done = psql(server, by_document, "-c", PROCESSING_JOBS)

    assert done.returncode == 0, done.stderr
    assert catalogue(empty_url) == catalogue(by_document)
    server.drop(by_document)


def test_the_documents_own_rollback_fits_ours(server: PostgresServer, empty_url: str) -> None:
    migrate(empty_url, BASELINE)
    before = {one for one in catalogue(empty_url) if one[0] != "function"}
    migrate(empty_url, JOBS)

    done = psql(server, empty_url, "-c", PROCESSING_JOBS_ROLLBACK)

    assert done.returncode == 0, done.stderr
    assert {one for one in catalogue(empty_url) if one[0] != "function"} == before


@pytest.mark.parametrize("revision", [BASELINE, JOBS, STATUS])
def test_a_rollback_that_later_tables_forbid_says_why_and_in_which_order_to_go(
    server: PostgresServer, migrated_url: str, revision: str
) -> None:
    before = catalogue(migrated_url)

    done = psql(server, migrated_url, "-f", str(SQL / f"{revision}.down.sql"))

    assert done.returncode != 0
    assert "cannot be rolled back yet: later migrations build on it" in done.stderr
    assert f"python -m migrations downgrade {revision}" in done.stderr
    assert catalogue(migrated_url) == before


def test_alembic_refuses_it_too_where_the_version_was_stamped_wrongly(migrated_url: str) -> None:
    engine, config = create_engine(migrated_url, poolclass=NullPool), migration_config()
    with engine.connect() as connection:
        config.attributes["connection"] = connection
        command.stamp(config, STATUS)
        with pytest.raises(Exception, match="later migrations build on it"):
            command.downgrade(config, JOBS)


def test_the_schema_for_new_databases_is_what_the_migrations_make(
    server: PostgresServer, empty_url: str, migrated_url: str
) -> None:
    run_file(server, empty_url, "schema.sql", single_transaction=True)

    assert in_substance(catalogue(empty_url)) == in_substance(catalogue(migrated_url))
    assert version(server, empty_url) == version(server, migrated_url)


def test_the_printed_sql_makes_the_same(
    server: PostgresServer, empty_url: str, migrated_url: str, tmp_path: Path
) -> None:
    config, printed = migration_config(), tmp_path / "upgrade.sql"
    with printed.open("w") as file:
        config.output_buffer = file
        command.upgrade(config, "head", sql=True)

    done = psql(server, empty_url, "-f", str(printed))

    assert done.returncode == 0, done.stderr
    assert catalogue(empty_url) == catalogue(migrated_url)


def test_the_models_are_equal_to_the_migrations(migrated_url: str) -> None:
    engine = create_engine(migrated_url, poolclass=NullPool)
    with engine.connect() as connection:
        options = {"compare_type": True, "include_object": belongs_to_the_models}
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, Base.metadata) == []


def version(server: PostgresServer, url: str) -> str:
    return psql(server, url, "-At", "-c", "SELECT version_num FROM alembic_version").stdout.strip()
