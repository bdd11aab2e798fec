"""Behind a real pooler in transaction mode: PgBouncer, two server connections for everybody."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import text

from census.adapters.pgvector_vector_index import PgvectorVectorIndex
from census.adapters.postgres.database import PostgresDatabase
from census.ports.vector_index import PassageId, PassageVectorEntry
from tests.chaos.tenants import walk
from tests.database.rows import OTHER, TENANT, add_asked, one
from tests.database.tcp_servers import PGBOUNCER, pooled
from tests.database.test_large_tenants import fill
from tests.postgres import PostgresServer

pytestmark = pytest.mark.skipif(
    PGBOUNCER is None, reason="pgbouncer is not installed (Debian: apt install pgbouncer)"
)


@pytest.fixture
def pooled_url(postgres: PostgresServer, database_url: str) -> Iterator[str]:
    name = database_url.partition("@/")[2].partition("?")[0]
    with pooled(postgres, name) as url:
        yield url


def test_the_repositories_work_and_tenants_never_meet(pooled_url: str) -> None:
    assert sum(walk(pooled_url, 300, seed=11).values()) == 300


def test_many_clients_share_two_connections_and_each_sees_its_own(pooled_url: str) -> None:
    """Each client has connections of its own to the pooler, which hands its two to whoever comes."""
    database = PostgresDatabase(pooled_url)
    for tenant, jobs in ((TENANT, 1), (OTHER, 2)):
        for _ in range(jobs):
            add_asked(database, tenant)

    def client(number: int) -> set[tuple[object, object]]:
        mine, seen = PostgresDatabase(pooled_url), set[tuple[object, object]]()
        for turn in range(10):
            tenant = (TENANT, OTHER)[(number + turn) % 2]
            seen.add((tenant, one(mine, "SELECT count(*) FROM processing_jobs", tenant)))
            with mine.system() as work:
                seen.add(("system", work.session.scalar(text("SELECT count(*) FROM processing_jobs"))))
        mine.engine.dispose()
        return seen

    with ThreadPoolExecutor(6) as clients:
        found = set[tuple[object, object]]().union(*clients.map(client, range(6)))

    assert found == {(TENANT, 1), (OTHER, 2), ("system", 3)}
    assert (
        one(database, "SELECT count(DISTINCT pid) FROM pg_stat_activity WHERE application_name = 'census'")
        == 2
    )
    database.engine.dispose()


def test_vectors_are_stored_and_found(pooled_url: str) -> None:
    database = PostgresDatabase(pooled_url)
    index, text_id = PgvectorVectorIndex(database), fill(database, TENANT, 3, 4)

    index.upsert(TENANT, "m", [PassageVectorEntry(PassageId(text_id, 9), [1.0, 0.0, 0.0, 0.0])])

    assert index.search(TENANT, "m", [1.0, 0.0, 0.0, 0.0], 1)[0].passage.ordinal == 9
    database.engine.dispose()
