"""A house of the engine whose database tells its facts to metrics that the test reads."""

from collections.abc import Iterator

import pytest

from census.adapters.postgres.database import PostgresDatabase
from tests.engine.house import EngineHouse
from tests.observability.recorded import RecordedMetrics
from tests.postgres import PostgresServer


@pytest.fixture(scope="module")
def shared_url(postgres: PostgresServer) -> Iterator[str]:
    url = postgres.clone()
    yield url
    postgres.drop(url)


@pytest.fixture
def metrics() -> RecordedMetrics:
    return RecordedMetrics()


@pytest.fixture
def database(shared_url: str, metrics: RecordedMetrics) -> Iterator[PostgresDatabase]:
    database = PostgresDatabase(shared_url, metrics=metrics)
    yield database
    database.engine.dispose()


@pytest.fixture
def house(database: PostgresDatabase) -> EngineHouse:
    """A tenant without documents."""
    return EngineHouse(database)
