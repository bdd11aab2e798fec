"""Two lives of the engine's chaos; `python -m tests.chaos engine` leads twenty."""

import pytest

from census.adapters.postgres.database import PostgresDatabase
from tests.chaos.engine import check_seed


@pytest.mark.parametrize("seed", [0, 4])
def test_a_job_with_everything_going_wrong_ends_with_a_ledger_that_sums(database_url: str, seed: int) -> None:
    database = PostgresDatabase(database_url)
    assert check_seed(database, seed)
    database.engine.dispose()
