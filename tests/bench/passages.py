"""Vector and full-text search as census_app, over 200 tenants of mixed size in one table."""

import random
import re
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, NullPool, create_engine, text

from census.adapters.pgvector_vector_index import PgvectorVectorIndex
from census.adapters.postgres import vector_recall
from census.adapters.postgres.connection import make_engine
from census.adapters.postgres.database import PostgresDatabase
from census.adapters.postgres.large_tenants import LARGE, index_name, keep_indexes
from infra.local.postgres import DATABASE, OWNER
from tests.bench.passage_rows import Tenant, add_clustered, add_hashed, add_random, add_tenants
from tests.database.servers import running

BIG = (100_000, 40_000, 25_000, 18_000)
SMALL = 196
"""Tenants of 50 to 1,500 passages."""

QUERIES = 20
NEAREST = vector_recall.NEAREST
WANTED_RECALL = vector_recall.WANTED_RECALL


@dataclass(frozen=True)
class Kind:
    """Vectors of one embedder, and how long they are."""

    embedder: str
    dimension: int


SUBJECTS, LONG = Kind("subjects", 256), Kind("subjects-1536", 1536)
HASHED, NOTHING_IN_COMMON = Kind("hashed", 256), Kind("random", 256)


def run() -> list[str]:
    """Fill, build what large tenants get, search, look at the plans; what fell short."""
    chance = random.Random(3)
    sizes = [*BIG, *(chance.randrange(50, 1_500) for _ in range(SMALL))]
    with running(18) as server:
        return measure(server.url(DATABASE), sizes)


def measure(url: str, sizes: Sequence[int], large: int = LARGE) -> list[str]:
    """The first four sizes are measured, and the smallest; what fell short. The third has every kind."""
    admin = create_engine(url.replace(f"{OWNER}@", "postgres@"), poolclass=NullPool)
    tenants = add_tenants(admin, sizes)
    mixed, smallest = tenants[2], min(tenants, key=lambda one: one.passages)
    add_clustered(admin, tenants, SUBJECTS.embedder, SUBJECTS.dimension)
    add_clustered(admin, [*tenants[1:4], smallest], LONG.embedder, LONG.dimension)
    add_random(admin, mixed, NOTHING_IN_COMMON.embedder, NOTHING_IN_COMMON.dimension)
    add_hashed(admin, mixed, HASHED.embedder)
    with admin.connect() as connection:
        connection.execute(text("ANALYZE"))
        connection.commit()
    print(f"   {len(tenants)} tenants, {sum(sizes):,} passages", flush=True)
    _build(url, large)
    database = PostgresDatabase(url)
    missed: list[str] = []
    for tenant in [*tenants[:4], smallest]:
        missed += _measure_words(database, tenant)
        kinds = [SUBJECTS, *([LONG] if tenant is not tenants[0] else [])]
        for kind in [*kinds, *([HASHED, NOTHING_IN_COMMON] if tenant is mixed else [])]:
            missed += _measure_vectors(database, tenant, kind)
    database.engine.dispose()
    return missed


def _build(url: str, large: int) -> None:
    begun = time.perf_counter()
    built = keep_indexes(make_engine(url, poolclass=NullPool), large=large).build
    print(f"   {len(built)} indexes built and measured in {time.perf_counter() - begun:.0f} s", flush=True)


def _measure_vectors(database: PostgresDatabase, tenant: Tenant, kind: Kind) -> list[str]:
    with database.tenant(tenant.id) as work:
        connection = work.session.connection()
        queries = _queries(connection, tenant, kind)
        asked = [
            {"tenant": tenant.id, "embedder": kind.embedder, "vector": q, "count": NEAREST} for q in queries
        ]
        truths = [{row.ordinal for row in connection.execute(vector_recall.EXACT, one)} for one in asked]
        exact = _milliseconds(
            *[lambda one=one: connection.execute(vector_recall.EXACT, one).all() for one in asked]
        )
        plan, ef_search = _vector_plan(connection, tenant, kind, asked[0])
    found: list[set[int]] = []
    took = _milliseconds(*[_search(PgvectorVectorIndex(database), tenant, kind, q, found) for q in queries])
    recall = statistics.mean(len(hit & truth) / len(truth) for hit, truth in zip(found, truths, strict=True))
    print(
        f"   {tenant.passages:>7,} {kind.embedder:<14} recall@{NEAREST} {recall:.3f}  {took:6.1f} ms"
        f"  (exact {exact:.1f} ms)  {plan}{f', ef_search {ef_search}' if ef_search else ''}",
        flush=True,
    )
    missed = (
        [f"recall {recall:.3f} of {kind} with {tenant.passages:,} passages"] if recall < WANTED_RECALL else []
    )
    if "near_" not in plan and tenant.passages > LARGE and ef_search != "0":
        missed.append(f"{tenant.passages:,} {kind.embedder}: the index is not used: {plan}")
    return missed


def _vector_plan(
    connection: Connection, tenant: Tenant, kind: Kind, asked: dict[str, object]
) -> tuple[str, str | None]:
    """What reads the rows, and the `ef_search` that the index's measurement found."""
    index = index_name(tenant.id, kind.embedder, kind.dimension)
    values = {"tenant": tenant.id, "embedder": kind.embedder, "index": index}
    near = connection.execute(vector_recall.PREPARE, values).one().near
    note = connection.scalar(text("SELECT obj_description(to_regclass(:index), 'pg_class')"), values)
    search = vector_recall.near(kind.dimension) if near else vector_recall.EXACT
    return _scans(connection, search.text, asked), note and re.findall(r"\d+", note)[0]


def _measure_words(database: PostgresDatabase, tenant: Tenant) -> list[str]:
    with database.tenant(tenant.id) as work:
        took = _milliseconds(*[lambda: work.texts.search("audit of the licence", 20)] * 5)
        statement = (
            "SELECT 1 FROM passages WHERE tenant_id = :tenant AND search @@ to_tsquery('english', 'audit')"
        )
        plan = _scans(work.session.connection(), statement, {"tenant": tenant.id})
    print(f"   {tenant.passages:>7,} words                         {took:6.1f} ms  {plan}", flush=True)
    partitions = set(re.findall(r"passages_p\d+", plan))
    return (
        [f"{len(partitions)} partitions read with {tenant.passages:,} passages"]
        if len(partitions) != 1
        else []
    )


def _scans(connection: Connection, statement: str, values: dict[str, object]) -> str:
    plan = connection.execute(text(f"EXPLAIN (COSTS OFF) {statement}"), values).scalars()
    scans = [re.search(r"(\w[\w ]* Scan (?:using \w+ )?on passage\w+)", line) for line in plan]
    return ", ".join(scan[1] for scan in scans if scan)


def _queries(connection: Connection, tenant: Tenant, kind: Kind) -> list[str]:
    """Near stored ones, as questions are; for vectors with nothing in common just any."""
    chance = random.Random(5)
    if kind is NOTHING_IN_COMMON:
        return [str([chance.uniform(-1, 1) for _ in range(kind.dimension)]) for _ in range(QUERIES)]
    statement = """SELECT CAST(embedding AS text) FROM passage_vectors
                   WHERE tenant_id = :tenant AND embedder = :embedder ORDER BY random() LIMIT :n"""
    values = {"tenant": tenant.id, "embedder": kind.embedder, "n": QUERIES}
    rows = [
        [float(x) for x in row.strip("[]").split(",")] for row in connection.scalars(text(statement), values)
    ]
    spreads = [0.5 * statistics.fmean(x * x for x in row) ** 0.5 for row in rows]
    return [str([x + chance.gauss(0, by) for x in row]) for row, by in zip(rows, spreads, strict=True)]


def _search(
    index: PgvectorVectorIndex, tenant: Tenant, kind: Kind, query: str, found: list[set[int]]
) -> Callable[[], object]:
    vector = [float(x) for x in query.strip("[]").split(",")]
    return lambda: found.append(
        {one.passage.ordinal for one in index.search(tenant.id, kind.embedder, vector, NEAREST)}
    )


def _milliseconds(*runs: Callable[[], object]) -> float:
    """The median."""
    taken = []
    for one in runs:
        begun = time.perf_counter()
        one()
        taken.append((time.perf_counter() - begun) * 1000)
    return statistics.median(taken)
