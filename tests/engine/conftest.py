"""One database for the folder: every test has a tenant of its own in it."""

from collections.abc import Iterator

import pytest

from census.adapters.postgres.database import PostgresDatabase
from tests.engine.house import EngineHouse
from tests.postgres import PostgresServer


@pytest.fixture(scope="package")
def shared_url(postgres: PostgresServer) -> Iterator[str]:
    url = postgres.clone()
    yield url
    postgres.drop(url)


@pytest.fixture(scope="package")
def shared_database(shared_url: str) -> Iterator[PostgresDatabase]:
    database = PostgresDatabase(shared_url)
    yield database
    database.engine.dispose()


@pytest.fixture
def house(shared_database: PostgresDatabase) -> EngineHouse:
    """A tenant without documents."""
    return EngineHouse(shared_database)
