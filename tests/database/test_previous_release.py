"""The statements of the release before still run on the new schema: what it means to expand only."""

import json

import pytest
from sqlalchemy.exc import DBAPIError

from census.adapters.postgres.database import PostgresDatabase
from tests.database.previous_release import STATEMENTS
from tests.database.rows import TENANT

UNKNOWN_TYPE = ("42P18", "42P08", "42725", "42883")
"""The driver tells the server a parameter's type where PREPARE has to guess."""


def refused(database: PostgresDatabase, statement: str) -> str | None:
    """Why the server cannot prepare a statement as census_app; None when it can."""
    with database.tenant(TENANT) as work:
        connection = work.session.connection()
        try:
            connection.exec_driver_sql(f"PREPARE old AS {statement}".replace("%", "%%"))
            connection.exec_driver_sql("DEALLOCATE old")
        except DBAPIError as error:
            work.session.rollback()
            return str(error.orig)
    return None


def test_every_statement_of_the_release_before_can_be_prepared(database: PostgresDatabase) -> None:
    statements: list[str] = json.loads(STATEMENTS.read_text())
    refusals = {one: refused(database, one) for one in statements}
    wrong = {
        one: why for one, why in refusals.items() if why and not any(code in why for code in UNKNOWN_TYPE)
    }

    assert len(statements) >= 40
    assert wrong == {}
    assert sum(why is None for why in refusals.values()) >= 0.7 * len(statements)


@pytest.mark.parametrize("statement", ["SELECT gone FROM messages", "SELECT 1 FROM table_that_went"])
def test_a_statement_the_schema_forgot_is_found(database: PostgresDatabase, statement: str) -> None:
    assert refused(database, statement) is not None
