"""Ten kinds of questions over sixty contracts, by twenty seeds of faults in a tenth of the calls."""

from pathlib import Path

from census.adapters.postgres.database import PostgresDatabase
from infra.local.postgres import DATABASE
from tests.database.servers import running
from tests.engine.gold_questions import QUESTIONS, check_seed

CUAD = Path(__file__).parents[2].parent / "shared" / "cuad"
SEEDS = 20


def run() -> str:
    """Every seed on a tenant of its own; what was asked, and by how many calls."""
    if not CUAD.exists():
        return "not run: the contracts of ../shared/cuad are not here"
    with running(18) as server:
        database = PostgresDatabase(server.url(DATABASE))
        calls = sum(check_seed(database, CUAD, seed) for seed in range(1, SEEDS + 1))
        database.engine.dispose()
    return f"{len(QUESTIONS)} questions, {SEEDS} seeds, {calls} calls: every figure is the labels'"
