"""HNSW for tenants with many passages: an index of the tenant's own, whose recall was measured.

Below `LARGE` vectors a search is exact. Above, a partial index holds the vectors of that one tenant and
embedder, so nothing is filtered out of what it finds. Its `ef_search` is the smallest that found
`WANTED_RECALL` of the true nearest; it stands in the index's comment, where the search reads it. An index
that cannot find as much is marked so and not used. See docs/adr/0005-passages-at-scale.md.
"""

import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from sqlalchemy import Connection, Engine, text

from census.adapters.postgres import vector_recall
from census.domain.identity import sha256

LARGE = 20_000
"""Vectors of one embedder above which a tenant gets an index."""

SHRUNK = 0.75
"""Below this share of it the index goes again: nothing is built and dropped in turns."""

NUMBERS_A_SECOND = 1_000_000
"""Vectors × dimensions that a build gets through in a second, cautiously (small servers, hard data)."""

_PREFIX = "near_"
_LARGE_TENANTS = text(
    "SELECT tenant_id FROM extracted_texts GROUP BY tenant_id HAVING sum(passages) >= :shrunk ORDER BY 1"
)
_VECTORS = text("""
    SELECT v.embedder, quote_literal(v.embedder) AS literal, v.vectors, one.partition, one.dimension
    FROM (SELECT embedder, count(*) AS vectors FROM passage_vectors
          WHERE tenant_id = :tenant GROUP BY embedder) v
    CROSS JOIN LATERAL (SELECT CAST(CAST(tableoid AS regclass) AS text) AS partition,
                               vector_dims(embedding) AS dimension
                        FROM passage_vectors WHERE tenant_id = :tenant AND embedder = v.embedder LIMIT 1) one
""")
_EXISTING = text("""
    SELECT c.relname AS name, i.indisvalid AS valid, obj_description(c.oid, 'pg_class') AS note
    FROM pg_class c JOIN pg_index i ON i.indexrelid = c.oid
    WHERE c.relnamespace = current_schema()::regnamespace AND c.relname LIKE 'near\\_%'
""")
_ACT_AS = text("SELECT set_config('role', :role, true), set_config('census.tenant', :tenant, true)")
# As much memory as the graph needs, or half the server's: by rule of thumb its buffers are a quarter. A build
# that does not fit takes many times as long.
_MEMORY = text("""
    SELECT set_config('maintenance_work_mem', greatest(
        pg_size_bytes(current_setting('maintenance_work_mem')) / 1024,
        least(:kilobytes, greatest(pg_size_bytes(current_setting('shared_buffers')) / 512, 524288))) || 'kB',
        false)
""")


@dataclass(frozen=True)
class TenantVectors:
    """The vectors of one tenant by one embedder; `literal` is the embedder as SQL writes it."""

    tenant_id: uuid.UUID
    embedder: str
    literal: str
    vectors: int
    partition: str
    dimension: int

    @property
    def index_name(self) -> str:
        """Also how a search finds it."""
        return index_name(self.tenant_id, self.embedder, self.dimension)

    @property
    def seconds_to_build(self) -> float:
        """About."""
        return self.vectors * self.dimension / NUMBERS_A_SECOND


class IndexState(Enum):
    """What is known of an index that is there."""

    INVALID = "invalid"  # its build was cut short
    UNMEASURED = "unmeasured"  # built; its recall is not known yet
    MEASURED = "measured"


@dataclass(frozen=True)
class Work:
    """What is to be done, in this order; `left` does not fit into the time there is."""

    drop: tuple[str, ...] = ()
    build: tuple[TenantVectors, ...] = ()
    measure: tuple[TenantVectors, ...] = ()
    left: tuple[TenantVectors, ...] = ()


def index_name(tenant_id: uuid.UUID, embedder: str, dimension: int) -> str:
    """The name says whose it is and for which vectors, in 29 characters."""
    return _PREFIX + sha256(f"{tenant_id} {dimension} {embedder}")[:24]


def plan_work(
    found: Sequence[TenantVectors],
    existing: dict[str, IndexState],
    seconds: float | None = None,
    large: int = LARGE,
) -> Work:
    """Which indexes go, which are built and which measured, the smallest first."""
    fitting = [one for one in found if vector_recall.indexed_type(one.dimension)]
    kept = {one.index_name for one in fitting if one.vectors >= SHRUNK * large}
    drop = [name for name, state in existing.items() if name not in kept or state is IndexState.INVALID]
    standing = {name: state for name, state in existing.items() if name not in drop}
    missing = [one for one in fitting if one.vectors > large and one.index_name not in standing]
    build, left, budget = list[TenantVectors](), list[TenantVectors](), seconds
    for one in sorted(missing, key=lambda one: one.seconds_to_build):
        fits = budget is None or one.seconds_to_build <= budget
        (build if fits else left).append(one)
        budget = budget - one.seconds_to_build if budget is not None and fits else budget
    unmeasured = [one for one in fitting if standing.get(one.index_name) is IndexState.UNMEASURED]
    return Work(tuple(sorted(drop)), tuple(build), (*build, *unmeasured), tuple(left))


def keep_indexes(engine: Engine, seconds: float | None = None, large: int = LARGE) -> Work:
    """Build, measure and drop as tenants have grown and shrunk; what was done. Needs the owner's login."""
    begun = time.monotonic()
    with engine.connect() as connection:
        if not connection.scalar(text("SELECT to_regclass('passage_vectors') IS NOT NULL")):
            return Work()
        found, existing = survey(connection, large), _existing(connection)
    left = None if seconds is None else seconds - (time.monotonic() - begun)
    work = plan_work(found, existing, left, large)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for name in work.drop:
            connection.exec_driver_sql(f"DROP INDEX CONCURRENTLY {name}")
        for one in work.build:
            _build(connection, one)
    with engine.connect() as connection:
        for one in work.measure:
            _measure(connection, one)
    return work


def survey(connection: Connection, large: int = LARGE) -> list[TenantVectors]:
    """The tenants that may need an index. Row security hides them from the owner: it asks as the roles."""
    connection.execute(_ACT_AS, {"role": "census_system", "tenant": ""})
    tenants = connection.scalars(_LARGE_TENANTS, {"shrunk": int(SHRUNK * large)}).all()
    connection.rollback()
    found = []
    for tenant in tenants:
        connection.execute(_ACT_AS, {"role": "census_app", "tenant": str(tenant)})
        found += [TenantVectors(tenant, *row) for row in connection.execute(_VECTORS, {"tenant": tenant})]
        connection.rollback()
    return found


def _existing(connection: Connection) -> dict[str, IndexState]:
    def state(valid: bool, note: str | None) -> IndexState:
        return IndexState.INVALID if not valid else IndexState.MEASURED if note else IndexState.UNMEASURED

    return {row.name: state(row.valid, row.note) for row in connection.execute(_EXISTING)}


def _build(autocommit: Connection, one: TenantVectors) -> None:
    """Concurrently: nobody waits for it, and one cut short is found invalid and dropped by the next run."""
    kind = vector_recall.indexed_type(one.dimension)
    if kind is None:
        raise ValueError(f"vectors of {one.dimension} dimensions cannot be indexed")
    operators = f"{kind.partition('(')[0]}_cosine_ops"
    autocommit.execute(_MEMORY, {"kilobytes": one.vectors * (one.dimension * 4 + 400) // 1024})
    statement = (
        f"CREATE INDEX CONCURRENTLY {one.index_name} ON {one.partition}"
        f" USING hnsw ((CAST(embedding AS {kind})) {operators})"
        f" WHERE tenant_id = '{one.tenant_id}' AND embedder = {one.literal}"
    )
    autocommit.exec_driver_sql(statement.replace("%", "%%"))
    autocommit.exec_driver_sql(f"ANALYZE {one.partition}")  # or the planner may not know that it pays


def _measure(connection: Connection, one: TenantVectors) -> None:
    connection.execute(_ACT_AS, {"role": "census_app", "tenant": str(one.tenant_id)})
    ef_search = vector_recall.smallest_ef_search(connection, one.tenant_id, one.embedder, one.dimension)
    connection.rollback()
    note = f"ef_search={ef_search}, measured over {one.vectors} vectors"
    connection.exec_driver_sql(f"COMMENT ON INDEX {one.index_name} IS '{note}'")
    connection.commit()
