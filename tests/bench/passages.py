"""Vector and full-text search as census_app, over 200 tenants of mixed size in one table."""

import random
import statistics
import time
import uuid
from collections.abc import Callable

from sqlalchemy import Connection, text

from census.adapters.pgvector_vector_index import PgvectorVectorIndex
from census.adapters.postgres.database import PostgresDatabase
from infra.local.postgres import DATABASE
from tests.database.servers import running

DIMENSIONS = 256
LARGE = (40_000, 25_000, 18_000)
SMALL = 197
"""Tenants of 50 to 1,500 passages."""

QUERIES = 20
NEAREST = 10
WANTED_RECALL = 0.95

# Vectors of one subject lie together, as those of real passages do: a centre, and noise around it.
_PREPARE = (
    "CREATE TEMP TABLE centres AS SELECT c, (SELECT array_agg(random() - 0.5) FROM generate_series(1, {d})"
    " WHERE c > 0)::vector AS v FROM generate_series(1, 400) AS c",
    "CREATE TEMP TABLE noises AS SELECT n, (SELECT array_agg((random() - 0.5) * 0.6) "
    "FROM generate_series(1, {d})"
    " WHERE n > 0)::vector AS v FROM generate_series(1, 3000) AS n",
)
_TEXT = text("""
    INSERT INTO extracted_texts (tenant_id, id, source_hash, content_hash, media_type, text, tokens, passages,
                                 windows)
    VALUES (:tenant, :id, :hash, :hash, 'text/plain', 'x', 1, :count, '[]')
""")
_FILE = text("""
    WITH person AS (INSERT INTO profiles (tenant_id, user_id) VALUES (:tenant, :tenant) RETURNING user_id)
    INSERT INTO knowledge_files (tenant_id, user_id, filename, text_id, status)
    SELECT :tenant, user_id, 'f', :id, 'completed' FROM person
""")
_PASSAGES = text("""
    INSERT INTO passages (tenant_id, text_id, ordinal, char_start, char_end, tokens, text)
    SELECT :tenant, :id, n, n * 100, n * 100 + 90, 20,
           'clause ' || n || ' of the agreement on ' || (ARRAY['audit', 'assignment', 'liability', 'renewal',
           'notice', 'licence'])[1 + mod(n, 6)] || ' and what follows from it, item ' || mod(n, 97)
    FROM generate_series(1, :count) AS n
""")
_VECTORS = text("""
    INSERT INTO passage_vectors (tenant_id, text_id, ordinal, embedder, embedding)
    SELECT :tenant, :id, s.i, 'bench', c.v + e.v FROM generate_series(1, :count) AS s (i)
    JOIN centres c ON c.c = 1 + mod(s.i + s.i / 3000, 400) JOIN noises e ON e.n = 1 + mod(s.i, 3000)
""")


def run() -> list[str]:
    """Fill, search, look at the plans; what fell short."""
    missed: list[str] = []
    with running(18) as server:
        url = server.url(DATABASE)
        database = PostgresDatabase(url)
        sizes = [*LARGE, *(random.Random(3).randrange(50, 1_500) for _ in range(SMALL))]
        tenants = [(uuid.uuid4(), size) for size in sizes]
        _fill(PostgresDatabase(url.replace("census_owner@", "postgres@")), tenants)
        print(f"   {len(tenants)} tenants, {sum(sizes):,} passages of {DIMENSIONS} dimensions")
        for tenant, size in [*tenants[:3], tenants[3], min(tenants, key=lambda one: one[1])]:
            missed += _measure(database, tenant, size)
        database.engine.dispose()
    return missed


def _fill(admin: PostgresDatabase, tenants: list[tuple[uuid.UUID, int]]) -> None:
    """As the superuser, whom row security lets pass."""
    with admin.engine.begin() as connection:
        for statement in _PREPARE:
            connection.execute(text(statement.format(d=DIMENSIONS)))
        for number, (tenant, size) in enumerate(tenants):
            values = {"tenant": tenant, "id": uuid.uuid4(), "hash": f"{number:064d}", "count": size}
            for filled in (_TEXT, _FILE, _PASSAGES, _VECTORS):
                needed = {name: value for name, value in values.items() if f":{name}" in filled.text}
                connection.execute(filled, needed)
    _analyse(admin)


def _analyse(admin: PostgresDatabase) -> None:
    with admin.engine.connect() as connection:
        connection.execute(text("ANALYZE"))
        connection.commit()
    admin.engine.dispose()


def _measure(database: PostgresDatabase, tenant: uuid.UUID, size: int) -> list[str]:
    index = PgvectorVectorIndex(database)
    with database.tenant(tenant) as work:
        queries = _queries(work.session.connection())
        exact = [_exact(work.session.connection(), tenant, query) for query in queries]
        words = _milliseconds(lambda: work.texts.search("audit of the licence", 20))
        parts = _partitions(work.session.connection(), tenant)
    found: list[set[int]] = []
    vectors = _milliseconds(*[_search(index, tenant, query, found) for query in queries])
    recall = statistics.mean(len(a & b) / len(a) for a, b in zip(exact, found, strict=True))
    print(
        f"   {size:>6,} passages: recall@{NEAREST} {recall:.3f}, vectors {vectors:.0f} "
        f"ms, words {words:.0f} ms,"
        f" {parts} of 16 partitions read"
    )
    missed = [f"recall {recall:.3f} with {size:,} passages"] if recall < WANTED_RECALL else []
    return missed + ([f"{parts} partitions read with {size:,} passages"] if parts != 1 else [])


def _queries(connection: Connection) -> list[list[float]]:
    statement = (
        "SELECT embedding::text FROM passage_vectors WHERE embedder = 'bench' ORDER BY random() LIMIT :n"
    )
    chance = random.Random(5)
    rows = connection.execute(text(statement), {"n": QUERIES}).scalars()
    return [[float(x) + chance.uniform(-0.2, 0.2) for x in row.strip("[]").split(",")] for row in rows]


def _exact(connection: Connection, tenant: uuid.UUID, query: list[float]) -> set[int]:
    """Every distance computed and sorted: no index of any kind."""
    statement = """
        SELECT ordinal FROM (SELECT ordinal, embedding <=> CAST(:q AS vector) AS far FROM passage_vectors
                             WHERE tenant_id = :tenant OFFSET 0) AS every ORDER BY far LIMIT :n
    """
    values = {"q": str(query), "tenant": tenant, "n": NEAREST}
    return set(connection.execute(text(statement), values).scalars())


def _search(
    index: PgvectorVectorIndex, tenant: uuid.UUID, query: list[float], found: list[set[int]]
) -> Callable[[], object]:
    return lambda: found.append(
        {one.passage.ordinal for one in index.search(tenant, "bench", query, NEAREST)}
    )


def _milliseconds(*runs: Callable[[], object]) -> float:
    """The median."""
    taken = []
    for one in runs:
        begun = time.perf_counter()
        one()
        taken.append((time.perf_counter() - begun) * 1000)
    return statistics.median(taken)


def _partitions(connection: Connection, tenant: uuid.UUID) -> int:
    """How many partitions the full-text search reads."""
    statement = (
        "EXPLAIN SELECT 1 FROM passages"
        " WHERE tenant_id = :tenant AND search @@ to_tsquery('english', 'audit')"
    )
    plan = "\n".join(connection.execute(text(statement), {"tenant": tenant}).scalars())
    return len({word for word in plan.split() if word.startswith("passages_p") and word[10:].isdigit()})
