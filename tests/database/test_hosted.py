"""What hosted servers do otherwise: extensions in a schema of their own, an older PostgreSQL.

Their administrators are no superusers; neither is the owner in any test here.
"""

from pathlib import Path

import pytest
from sqlalchemy import NullPool, create_engine

from census.adapters.postgres.database import PostgresDatabase
from census.adapters.postgres.large_tenants import keep_indexes
from census.adapters.postgres.migrator import migrate
from infra.local.postgres import OWNER
from tests.chaos.tenants import walk
from tests.database.rows import TENANT
from tests.database.tcp_servers import asking_for_passwords
from tests.database.test_large_tenants import FEW, fill, searched
from tests.database.test_migrator import HEAD, without_vector
from tests.postgres import PostgresServer

POSTGRES_15 = Path("/usr/lib/postgresql/15/bin")


def test_vector_may_live_in_a_schema_of_extensions(server: PostgresServer) -> None:
    url = without_vector(server)
    name = url.partition("@/")[2].partition("?")[0]
    server.run(f"CREATE SCHEMA extensions AUTHORIZATION {OWNER}", name)
    server.run("CREATE EXTENSION vector SCHEMA extensions", name)
    server.run(f'ALTER DATABASE {name} SET search_path = "$user", public, extensions')

    assert migrate(url, vector_store="pgvector").after == HEAD

    database = PostgresDatabase(url)
    fill(database, TENANT, FEW + 1, 4)
    assert keep_indexes(create_engine(url, poolclass=NullPool), large=FEW).build
    assert len(searched(database, TENANT, [1.0, 0.5, 0.2, 0.1])) == 10
    database.engine.dispose()
    server.drop(url)


@pytest.mark.skipif(not POSTGRES_15.exists(), reason="PostgreSQL 15 is not installed (Debian: postgresql-15)")
def test_postgresql_15_without_vector_serves_two_tenants() -> None:
    with asking_for_passwords(POSTGRES_15) as url:
        assert migrate(url, vector_store="pinecone").after == HEAD
        assert migrate(url, vector_store="pinecone").before == HEAD

        assert sum(walk(url, 150, seed=3).values()) == 150
