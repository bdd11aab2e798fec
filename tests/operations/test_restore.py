"""A database restored to an earlier moment: open jobs go on from what it holds, whatever happened since."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from sqlalchemy import make_url

from census.adapters.postgres.database import PostgresDatabase
from infra.local.postgres import OWNER
from tests.engine.house import EngineHouse
from tests.engine.started_jobs import half_read
from tests.fakes.scripted_model import ScriptedLanguageModel
from tests.postgres import PostgresServer


@pytest.fixture
def original(database_url: str) -> Iterator[PostgresDatabase]:
    database = PostgresDatabase(database_url)
    yield database
    database.engine.dispose()


def backup(postgres: PostgresServer, database: PostgresDatabase, url: str) -> str:
    """A copy of the database as it is now; its URL."""
    database.engine.dispose()
    del database.__dict__["engine"]
    name = f"{make_url(url).database}_backup"
    postgres.run(f"CREATE DATABASE {name} TEMPLATE {make_url(url).database} OWNER {OWNER}")
    return postgres.url(name)


def test_a_job_that_was_open_then_is_finished_and_reads_only_what_was_not_recorded(
    postgres: PostgresServer, database_url: str, original: PostgresDatabase
) -> None:
    house = EngineHouse(original, ScriptedLanguageModel())
    job_id, token = half_read(house)
    copy = backup(postgres, original, database_url)
    house.map_all()
    house.follow(job_id, token)  # after the moment that is restored: its execution ended
    restored = replace(house, database=PostgresDatabase(copy), model=(model := ScriptedLanguageModel()))
    try:
        restored.reconcile(job_id)
        restored.queue.lose_everything()
        job = restored.finish(job_id)
        assert job["status"] == "completed"
        assert job["result"]["ledger"]["match"] == 3
        assert model.calls == 2
    finally:
        restored.database.engine.dispose()
        postgres.drop(copy)
