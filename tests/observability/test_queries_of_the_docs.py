"""A query in the runbook that does not run wastes the night of whoever reads it."""

import re
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from census.adapters.postgres.database import PostgresDatabase

DOCS = Path(__file__).parents[2] / "docs"
OF_THE_TENANT = ("job_items", "budgets", "spending")
"""The tables here that the monitoring role may not read."""


def queries() -> list[str]:
    """Every SELECT and INSERT in the runbook and in the operations page."""
    found: list[str] = []
    for name in ("runbook", "operations"):
        page = (DOCS / f"{name}.md").read_text("utf-8")
        blocks = "".join(re.findall(r"```sql\n(.*?)```", page, re.S))
        inline = re.findall(r"`(SELECT [^`]+)`", re.sub(r"```.*?```", "", page, flags=re.S))
        found += [*inline, *re.findall(r"^((?:SELECT|INSERT) .+?);$", blocks, re.M | re.S)]
    return [" ".join(query.split()) for query in found]


@pytest.fixture
def database(database_url: str) -> Iterator[PostgresDatabase]:
    database = PostgresDatabase(database_url)
    yield database
    database.engine.dispose()


def test_every_query_of_the_docs_runs_with_the_rights_it_names(database: PostgresDatabase) -> None:
    assert len(queries()) >= 11
    for query in queries():
        tenant = uuid.uuid4()
        statement = text(query.replace("'ID'", f"'{uuid.uuid4()}'").replace("'TENANT'", f"'{tenant}'"))
        if any(table in query for table in OF_THE_TENANT):
            with database.tenant(tenant) as work:
                work.session.execute(statement)
        else:
            with database.monitoring() as session:
                session.execute(statement)
