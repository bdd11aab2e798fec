"""Ten kinds of questions over sixty contracts, a tenth of the calls failing: the figures are the labels'."""

from pathlib import Path

import pytest

from census.adapters.postgres.database import PostgresDatabase
from tests.engine.gold_questions import check_seed

CUAD = Path(__file__).parents[2].parent / "shared" / "cuad"


@pytest.mark.cuad
@pytest.mark.skipif(not CUAD.exists(), reason="the contracts of ../shared/cuad are not here")
@pytest.mark.parametrize("seed", [1, 2])
def test_the_figures_are_the_labels_under_faults(shared_database: PostgresDatabase, seed: int) -> None:
    assert check_seed(shared_database, CUAD, seed) > 100
