"""A query in the runbook that does not run wastes the night of whoever reads it."""

import re
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from census.adapters.postgres.database import PostgresDatabase

DOCS = Path(__file__).parents[2] / "docs"
OF_THE_TENANT = "job_items"
"""The only table here that the monitoring role may not read."""


def queries() -> list[str]:
    """Every SELECT in the runbook and in the operations page."""
    found: list[str] = []
    for name in ("runbook", "operations"):
        page = (DOCS / f"{name}.md").read_text("utf-8")
        blocks = "".join(re.findall(r"```sql\n(.*?)```", page, re.S))
        inline = re.findall(r"`(SELECT [^`]+)`", re.sub(r"```.*?```", "", page, flags=re.S))
        found += [*inline, *re.findall(r"^(SELECT .+?);$", blocks, re.M | re.S)]
    return [" ".join(query.split()) for query in found]


@pytest.fixture
def database(database_url: str) -> Iterator[PostgresDatabase]:
    database = PostgresDatabase(database_url)
    yield database
    database.engine.dispose()


def test_every_query_of_the_docs_runs_with_the_rights_it_names(database: PostgresDatabase) -> None:
    assert len(queries()) >= 9
    for query in queries():
        statement = text(query.replace("'ID'", f"'{uuid.uuid4()}'"))
        if OF_THE_TENANT in query:
            with database.tenant(uuid.uuid4()) as work:
                work.session.execute(statement)
        else:
            with database.monitoring() as session:
                session.execute(statement)


def test_the_commands_of_the_runbook_name_things_of_the_template() -> None:
    template = (DOCS.parent / "template.yaml").read_text("utf-8")
    pages = [(DOCS / f"{name}.md").read_text("utf-8") for name in ("runbook", "operations")]
    named = set(re.findall(r"\$\((?:function-name|queue) (\w+)\)", "".join(pages)))
    assert {"ReconcileWork", "MapBatch", "MapDeadLetters", "AnswerJob"} <= named
    assert [name for name in named if not re.search(rf"^  {name}:", template, re.M)] == []
