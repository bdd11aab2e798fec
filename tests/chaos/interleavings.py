"""Every order of 3 workers × 3 batches on the reference, and many by chance on the real store beside it."""

from census.adapters.postgres.database import PostgresDatabase
from infra.local.postgres import DATABASE
from tests.database.servers import running
from tests.engine.interleavings import Search, cast_of, fresh
from tests.engine.stored_statements import DEAD_LETTER, DELIVERIES, compare

WALKS = 200


def run() -> str:
    """How many orders there are, and how many were compared."""
    search = Search()
    orders = search.count(cast_of(DELIVERIES, DEAD_LETTER), fresh(3))
    with running(18) as server:
        database = PostgresDatabase(server.url(DATABASE))
        for seed in range(WALKS):
            compare(database, seed)
        database.engine.dispose()
    return (
        f"{orders:,} orders through {len(search.orders):,} states ({search.transactions:,} transactions), "
        f"{WALKS} of them in PostgreSQL: one outcome a batch, one completer, a signal"
    )
