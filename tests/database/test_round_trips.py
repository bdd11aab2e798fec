"""Databases with rows in every baseline table go up, down and up: no row lost, no value changed."""

import datetime as dt
import uuid
from itertools import pairwise
from typing import Any

import pytest
from alembic import command
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, NullPool, create_engine, text

from migrations.schema_sql import SQL_FOLDER
from tests.postgres import PostgresServer, migration_config

BASELINE = "2026_11_01_baseline"
REVISIONS = sorted(path.name.removesuffix(".up.sql") for path in SQL_FOLDER.glob("*.up.sql"))
BASELINE_COLUMNS = {
    "profiles": "user_id, created_at",
    "conversations": "id, user_id, title, created_at, updated_at",
    "messages": "id, conversation_id, role, content, created_at",
    "knowledge_files": "id, user_id, filename, uploaded_at, updated_at",
    "scraped_contents": "id, user_id, url, title, content, created_at, updated_at",
}
words = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=30)
moments = st.none() | st.integers(0, 2_000_000_000).map(lambda at: dt.datetime.fromtimestamp(at, dt.UTC))


@st.composite
def baselines(draw: st.DrawFn) -> dict[str, list[dict[str, Any]]]:
    """Rows for the five tables, each referring to rows that are there."""

    def many(**columns: st.SearchStrategy[Any]) -> list[dict[str, Any]]:
        rows = draw(st.lists(st.fixed_dictionaries(columns), max_size=6))
        return [{"id": uuid.uuid4(), **row} for row in rows]

    profiles = [
        {"user_id": uuid.uuid4(), "created_at": draw(moments)} for _ in range(draw(st.integers(1, 3)))
    ]
    users = st.sampled_from([row["user_id"] for row in profiles])
    titles = st.none() | words
    conversations = many(user_id=users, title=titles, created_at=moments, updated_at=moments)
    messages = []
    if conversations:
        owners = st.sampled_from([row["id"] for row in conversations])
        messages = many(conversation_id=owners, role=words, content=titles, created_at=moments)
    files = many(user_id=users, filename=words, uploaded_at=moments, updated_at=moments)
    pages = many(
        user_id=users, url=words, title=titles, content=titles, created_at=moments, updated_at=moments
    )
    return {
        "profiles": profiles,
        "conversations": conversations,
        "messages": messages,
        "knowledge_files": files,
        "scraped_contents": pages,
    }


def insert(connection: Connection, tables: dict[str, list[dict[str, Any]]]) -> None:
    for table, rows in tables.items():
        for row in rows:
            names = ", ".join(row)
            values = ", ".join(f":{name}" for name in row)
            connection.execute(text(f"INSERT INTO {table} ({names}) VALUES ({values})"), row)


def kept(connection: Connection) -> dict[str, list[tuple[Any, ...]]]:
    """The baseline's columns of every row, whoever may see them."""
    for table in BASELINE_COLUMNS:
        connection.execute(text(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY"))
    found = {
        table: sorted(map(repr, connection.execute(text(f"SELECT {columns} FROM {table}"))))
        for table, columns in BASELINE_COLUMNS.items()
    }
    connection.rollback()
    return found  # type: ignore[return-value]


@settings(
    max_examples=2,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(tables=baselines())
def test_no_row_is_lost_through_any_pair_of_revisions(
    server: PostgresServer, tables: dict[str, list[dict[str, Any]]]
) -> None:
    url, config = server.empty(), migration_config()
    engine = create_engine(url, poolclass=NullPool)
    with engine.connect() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, BASELINE)
        insert(connection, tables)
        connection.commit()
        before = kept(connection)
        for lower, upper in pairwise(REVISIONS):
            for step, target in (
                (command.upgrade, upper),
                (command.downgrade, lower),
                (command.upgrade, upper),
            ):
                step(config, target)
                assert kept(connection) == before, (step.__name__, target)
        command.downgrade(config, BASELINE)
        assert kept(connection) == before
    server.drop(url)


def test_rows_of_before_become_completed_and_new_ones_pending(server: PostgresServer, empty_url: str) -> None:
    engine, config = create_engine(empty_url, poolclass=NullPool), migration_config()
    add = text("INSERT INTO knowledge_files (user_id, filename) SELECT user_id, 'f' FROM profiles")
    with engine.connect() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "2026_11_02_processing_jobs")
        connection.execute(text("INSERT INTO profiles VALUES (gen_random_uuid())"))
        connection.execute(add)
        node = connection.scalar(text("SELECT pg_relation_filenode('knowledge_files')"))
        connection.commit()

        command.upgrade(config, "2026_11_03_status_fields")
        connection.execute(add)

        found = connection.scalars(text("SELECT status FROM knowledge_files ORDER BY uploaded_at")).all()
        assert found == ["completed", "pending"]
        assert connection.scalar(text("SELECT pg_relation_filenode('knowledge_files')")) == node, "rewritten"


def test_the_baseline_is_not_rolled_back_over_rows(server: PostgresServer, empty_url: str) -> None:
    engine, config = create_engine(empty_url, poolclass=NullPool), migration_config()
    with engine.connect() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, BASELINE)
        connection.execute(text("INSERT INTO profiles VALUES (gen_random_uuid())"))
        connection.commit()
        with pytest.raises(Exception, match="were there before Census"):
            command.downgrade(config, "base")
        connection.rollback()
        assert connection.scalar(text("SELECT count(*) FROM profiles")) == 1
