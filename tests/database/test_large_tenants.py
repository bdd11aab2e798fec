"""Tenants with many passages get an HNSW index of their own; it is used when it was found good enough."""

import re
import uuid
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import NullPool, create_engine, event
from sqlalchemy.engine import Engine

from census.adapters.pgvector_vector_index import PgvectorVectorIndex
from census.adapters.postgres import vector_recall
from census.adapters.postgres.database import PostgresDatabase
from census.adapters.postgres.large_tenants import (
    LARGE,
    SHRUNK,
    IndexState,
    TenantVectors,
    Work,
    index_name,
    keep_indexes,
    plan_work,
)
from tests.database.rows import OTHER, TENANT, run
from tests.postgres import PostgresServer

FEW = 200
"""What counts as large in most of these tests."""

_TEXT = """
    INSERT INTO extracted_texts (id, source_hash, content_hash, media_type, text, tokens, passages, windows)
    VALUES (:id, :hash, :hash, 'text/plain', 'x', 1, :count, '[]')
"""
_VECTORS = """
    INSERT INTO passage_vectors (text_id, ordinal, embedder, embedding)
    SELECT :id, n, :embedder,
           (SELECT array_agg(hashint8(n * 1000 + d) / 2147483648.0) FROM generate_series(1, :d) d)::vector
    FROM generate_series(1, :count) n
"""


def fill(
    database: PostgresDatabase, tenant: uuid.UUID, count: int, dimension: int, embedder: str = "m"
) -> uuid.UUID:
    made = uuid.uuid4()
    run(database, _TEXT, tenant, id=made, hash=made.hex * 2, count=count)
    run(database, _VECTORS, tenant, id=made, count=count, d=dimension, embedder=embedder)
    return made


@pytest.fixture
def owner(migrated_url: str) -> Iterator[Engine]:
    made = create_engine(migrated_url, poolclass=NullPool)
    yield made
    made.dispose()


def searched(
    database: PostgresDatabase, tenant: uuid.UUID, vector: list[float], embedder: str = "m"
) -> list[int]:
    found = PgvectorVectorIndex(database).search(tenant, embedder, vector, 10)
    return [one.passage.ordinal for one in found]


def plan(database: PostgresDatabase, tenant: uuid.UUID, vector: list[float]) -> str:
    """How the server answers the search that the adapter sends; the long vectors cut out."""
    plans: list[str] = []

    @event.listens_for(database.engine, "before_cursor_execute", retval=True)
    def explain(*arguments: object) -> tuple[object, object]:
        statement, values = str(arguments[2]), arguments[3]
        if "AS score" in statement:
            cursor: object = arguments[1]
            cursor.execute(f"EXPLAIN {statement}", values)  # type: ignore[attr-defined]
            plans.extend(row[0] for row in cursor.fetchall())  # type: ignore[attr-defined]
        return statement, values

    searched(database, tenant, vector)
    event.remove(database.engine, "before_cursor_execute", explain)
    return re.sub(r"\[[-0-9.,e]*\]", "…", "\n".join(plans))


def test_a_tenant_above_the_threshold_is_searched_by_its_index(
    database: PostgresDatabase, owner: Engine
) -> None:
    fill(database, TENANT, LARGE + 1, 8)
    fill(database, OTHER, 100, 8)
    query = [0.3, 1.0, -0.2, 0.5, 0.1, -0.7, 0.9, 0.4]
    exact = searched(database, TENANT, query)

    work = keep_indexes(owner)

    mine = index_name(TENANT, "m", 8)
    assert [one.index_name for one in work.build] == [mine]
    assert f"Index Scan using {mine}" in plan(database, TENANT, query)
    assert "near_" not in plan(database, OTHER, query)
    assert len(set(searched(database, TENANT, query)) & set(exact)) >= 9
    assert keep_indexes(owner) == Work()


@pytest.mark.parametrize("dimension", [300, 2500], ids=["vector", "halfvec"])
def test_the_index_finds_the_nearest_in_their_exact_order(
    database: PostgresDatabase, owner: Engine, dimension: int
) -> None:
    fill(database, TENANT, FEW + 1, dimension)
    query = [((d * 7919) % 101) / 50 - 1 for d in range(dimension)]
    exact = searched(database, TENANT, query)

    keep_indexes(owner, large=FEW)

    assert searched(database, TENANT, query) == exact


def test_row_security_and_the_embedder_hold_for_the_index_too(
    database: PostgresDatabase, owner: Engine
) -> None:
    """The two tenants and the two embedders hold the same vectors."""
    mine, theirs = fill(database, TENANT, FEW + 1, 4), fill(database, OTHER, FEW + 1, 4)
    fill(database, TENANT, FEW + 1, 4, embedder="it's 100 % other")
    assert len(keep_indexes(owner, large=FEW).build) == 3

    index = PgvectorVectorIndex(database)
    for tenant, text_id in ((TENANT, mine), (OTHER, theirs)):
        found = index.search(tenant, "m", [1.0, 0.5, 0.2, 0.1], 10)
        assert {one.passage.text_id for one in found} == {text_id}
    assert len(searched(database, TENANT, [1.0, 0.5, 0.2, 0.1], "it's 100 % other")) == 10
    assert searched(database, uuid.uuid4(), [1.0, 0.5, 0.2, 0.1]) == []


def test_vectors_stored_and_deleted_after_the_build_are_seen(
    database: PostgresDatabase, owner: Engine
) -> None:
    text_id = fill(database, TENANT, FEW + 1, 4)
    keep_indexes(owner, large=FEW)
    query = [1.0, 0.5, 0.2, 0.1]
    first = searched(database, TENANT, query)[0]

    run(database, "DELETE FROM passage_vectors WHERE ordinal = :n", n=first)
    run(
        database,
        "INSERT INTO passage_vectors (text_id, ordinal, embedder, embedding)"
        " VALUES (:id, 9999, 'm', '[1,0.5,0.2,0.1]')",
        id=text_id,
    )

    found = searched(database, TENANT, query)
    assert found[0] == 9999
    assert first not in found


def test_a_tenant_that_shrank_loses_its_index(database: PostgresDatabase, owner: Engine) -> None:
    text_id = fill(database, TENANT, FEW + 1, 4)
    keep_indexes(owner, large=FEW)
    run(database, "DELETE FROM extracted_texts WHERE id = :id", id=text_id)

    assert keep_indexes(owner, large=FEW).drop == (index_name(TENANT, "m", 4),)
    assert searched(database, TENANT, [1.0, 0.5, 0.2, 0.1]) == []


def test_an_index_cut_short_is_not_used_and_built_anew(
    server: PostgresServer, database: PostgresDatabase, owner: Engine, migrated_url: str
) -> None:
    fill(database, TENANT, FEW + 1, 4)
    keep_indexes(owner, large=FEW)
    mine, name = index_name(TENANT, "m", 4), str(owner.url.database)
    server.run(f"UPDATE pg_index SET indisvalid = false WHERE indexrelid = '{mine}'::regclass", name)

    work = keep_indexes(owner, large=FEW)

    assert (work.drop, [one.index_name for one in work.build]) == ((mine,), [mine])
    assert keep_indexes(owner, large=FEW) == Work()


def test_an_index_that_does_not_find_enough_is_not_used(
    database: PostgresDatabase, owner: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(database, TENANT, FEW + 1, 4)
    monkeypatch.setattr(vector_recall, "WANTED_RECALL", 1.1)  # more than there can be

    keep_indexes(owner, large=FEW)

    assert "near_" not in plan(database, TENANT, [1.0, 0.5, 0.2, 0.1])
    assert keep_indexes(owner, large=FEW) == Work(), "it is not built again and again"


def vectors(count: int, number: int = 1, dimension: int = 256) -> TenantVectors:
    return TenantVectors(uuid.UUID(int=number), "m", "'m'", count, "passage_vectors_p0", dimension)


@given(
    st.dictionaries(st.integers(1, 6), st.integers(0, 3 * LARGE)),
    st.dictionaries(st.integers(1, 8), st.sampled_from(IndexState)),
    st.none() | st.floats(0, 60),
)
def test_after_the_work_every_large_tenant_has_an_index_and_no_small_one(
    sizes: dict[int, int], standing: dict[int, IndexState], seconds: float | None
) -> None:
    found = [vectors(count, number) for number, count in sizes.items()]
    existing = {vectors(0, number).index_name: state for number, state in standing.items()}

    work = plan_work(found, existing, seconds)

    built = {one.index_name for one in work.build}
    after = (set(existing) - set(work.drop)) | built
    large = {one.index_name for one in found if one.vectors > LARGE}
    assert large == (large & after) | {one.index_name for one in work.left}
    assert not after & {one.index_name for one in found if one.vectors < SHRUNK * LARGE}
    assert after <= {one.index_name for one in found}
    assert not {name for name, state in existing.items() if state is IndexState.INVALID} & (after - built)
    assert {one.index_name for one in work.measure} >= built
    assert seconds is None or sum(one.seconds_to_build for one in work.build) <= seconds
    assert seconds is not None or work.left == ()


def test_nothing_is_built_and_dropped_in_turns() -> None:
    between = vectors(int((1 + SHRUNK) / 2 * LARGE))

    assert plan_work([between], {}) == Work()
    assert plan_work([between], {between.index_name: IndexState.MEASURED}) == Work()


def test_vectors_too_long_for_hnsw_stay_exact() -> None:
    assert plan_work([vectors(3 * LARGE, dimension=4096)], {}) == Work()
