"""Every test here runs on each PostgreSQL version that comes with the embedded package."""

from collections.abc import Iterator

import pytest

from census.adapters.postgres.database import PostgresDatabase
from tests.database.servers import running
from tests.postgres import PostgresServer

VERSIONS = (18, 16)


@pytest.fixture(scope="session")
def postgres_16() -> Iterator[PostgresServer]:
    with running(16) as server:
        yield server


@pytest.fixture(scope="session", params=VERSIONS)
def server(request: pytest.FixtureRequest) -> PostgresServer:
    """A running server; `clone()` gives a migrated database, `empty()` one with the extension only."""
    found: PostgresServer = request.getfixturevalue("postgres" if request.param == 18 else "postgres_16")
    return found


@pytest.fixture
def empty_url(server: PostgresServer) -> Iterator[str]:
    """A database with nothing but the extension."""
    url = server.empty()
    yield url
    server.drop(url)


@pytest.fixture
def migrated_url(server: PostgresServer) -> Iterator[str]:
    """A database at the newest revision, without rows."""
    url = server.clone()
    yield url
    server.drop(url)


@pytest.fixture
def database(migrated_url: str) -> Iterator[PostgresDatabase]:
    """The adapter on a migrated database."""
    made = PostgresDatabase(migrated_url)
    yield made
    made.engine.dispose()
