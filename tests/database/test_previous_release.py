"""The statements of the release before still run on the new schema: what it means to expand only."""

from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from census.adapters.postgres.database import PostgresDatabase
from tests.database.previous_release import read
from tests.database.rows import TENANT


def refused(database: PostgresDatabase, statement: str, values: list[Any]) -> str | None:
    """Why the server cannot plan a statement as census_app; None when it can. Nothing is executed."""
    with database.tenant(TENANT) as work:
        try:
            work.session.connection().exec_driver_sql(f"EXPLAIN {statement}", tuple(values))
        except DBAPIError as error:
            work.session.rollback()
            return str(error.orig)
    return None


def test_every_statement_of_the_release_before_still_runs(database: PostgresDatabase) -> None:
    statements = read()

    refusals = {one: why for one, values in statements if (why := refused(database, one, values))}

    assert refusals == {}
    assert len(statements) >= 40
    assert {one.split()[0] for one, _ in statements} == {"SELECT", "INSERT", "UPDATE", "DELETE", "WITH"}


@pytest.mark.parametrize(
    "contraction",
    [
        "ALTER TABLE messages DROP COLUMN content CASCADE",
        "ALTER TABLE knowledge_files RENAME COLUMN filename TO name",
        "DROP TABLE map_results CASCADE",
        "ALTER TABLE job_batches ALTER COLUMN ordinal TYPE text",
        "REVOKE INSERT ON processing_jobs FROM census_app",
    ],
)
def test_a_contraction_that_comes_too_early_is_found(database: PostgresDatabase, contraction: str) -> None:
    with database.engine.begin() as connection:
        connection.execute(text(contraction))

    assert any(refused(database, one, values) for one, values in read())
