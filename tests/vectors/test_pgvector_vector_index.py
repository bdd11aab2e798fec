"""The index against brute force, between tenants, and with vectors that do not fit."""

import math
import random
import uuid
from collections.abc import Sequence

import pytest

from census.adapters.pgvector_vector_index import PgvectorVectorIndex
from census.adapters.postgres.database import PostgresDatabase
from census.domain.errors import UnavailableError
from census.domain.vectors import VectorDimensionError
from census.ports.vector_index import PassageId, PassageVectorEntry
from tests.vectors.conftest import AddText

TENANT, OTHER = uuid.UUID(int=1), uuid.UUID(int=2)


@pytest.fixture
def index(database: PostgresDatabase) -> PgvectorVectorIndex:
    return PgvectorVectorIndex(database)


def random_vectors(count: int, dimension: int, seed: int = 7) -> list[list[float]]:
    source = random.Random(seed)
    return [[source.gauss(0, 1) for _ in range(dimension)] for _ in range(count)]


def entries(text_id: uuid.UUID, vectors: Sequence[Sequence[float]]) -> list[PassageVectorEntry]:
    return [PassageVectorEntry(PassageId(text_id, n), vector) for n, vector in enumerate(vectors)]


def cosine(first: Sequence[float], second: Sequence[float]) -> float:
    product = sum(a * b for a, b in zip(first, second, strict=True))
    return product / (math.hypot(*first) * math.hypot(*second))


def test_the_nearest_are_those_that_brute_force_finds(index: PgvectorVectorIndex, add_text: AddText) -> None:
    text_id = add_text(TENANT, 0)
    vectors = random_vectors(3000, 32)
    index.upsert(TENANT, "m", entries(text_id, vectors))

    for query in random_vectors(20, 32, seed=8):
        best = sorted(range(len(vectors)), key=lambda n: -cosine(query, vectors[n]))[:10]
        found = index.search(TENANT, "m", query, 10)
        assert [one.passage.ordinal for one in found] == best
        assert found[0].score == pytest.approx(cosine(query, vectors[best[0]]), abs=1e-5)


def test_one_of_200_tenants_finds_its_own_and_all_of_them(
    index: PgvectorVectorIndex, add_text: AddText
) -> None:
    tenants = [uuid.UUID(int=n) for n in range(1, 201)]
    vectors = random_vectors(200, 8)
    for number, tenant in enumerate(tenants):
        index.upsert(tenant, "m", entries(add_text(tenant, number), [vectors[number], vectors[0]]))

    for number in (0, 99, 199):
        found = index.search(tenants[number], "m", vectors[0], 10)
        assert sorted(one.passage.ordinal for one in found) == [0, 1]
        assert found[0].score == pytest.approx(1, abs=1e-6)


def test_another_tenants_vectors_are_never_found(index: PgvectorVectorIndex, add_text: AddText) -> None:
    index.upsert(OTHER, "m", entries(add_text(OTHER, 0), [[1.0, 0.0]]))

    assert index.search(TENANT, "m", [1.0, 0.0], 5) == []


def test_another_tenants_text_takes_no_vector(index: PgvectorVectorIndex, add_text: AddText) -> None:
    with pytest.raises(UnavailableError, match="deleted"):
        index.upsert(TENANT, "m", entries(add_text(OTHER, 0), [[1.0, 0.0]]))


def test_models_do_not_meet(index: PgvectorVectorIndex, add_text: AddText) -> None:
    text_id = add_text(TENANT, 0)
    index.upsert(TENANT, "small", entries(text_id, [[1.0, 0.0]]))
    index.upsert(TENANT, "large", entries(text_id, [[1.0, 0.0, 0.0]]))

    assert len(index.search(TENANT, "small", [1.0, 0.0], 5)) == 1


def test_storing_again_replaces(index: PgvectorVectorIndex, add_text: AddText) -> None:
    text_id = add_text(TENANT, 0)
    index.upsert(TENANT, "m", entries(text_id, [[1.0, 0.0]]))
    index.upsert(TENANT, "m", entries(text_id, [[0.0, 1.0]]))

    (found,) = index.search(TENANT, "m", [0.0, 1.0], 5)
    assert found.score == pytest.approx(1)


def test_the_same_passage_twice_in_one_call_counts_once(
    index: PgvectorVectorIndex, add_text: AddText
) -> None:
    text_id = add_text(TENANT, 0)
    twice = [*entries(text_id, [[1.0, 0.0]]), *entries(text_id, [[0.0, 1.0]])]
    index.upsert(TENANT, "m", twice)

    assert len(index.search(TENANT, "m", [0.0, 1.0], 5)) == 1


@pytest.mark.parametrize("stored", [[[1.0, 0.0], [1.0, 0.0, 0.0]], [[1.0, 0.0, 0.0]]], ids=["mixed", "other"])
def test_a_vector_of_another_length_is_refused_and_says_what_to_do(
    index: PgvectorVectorIndex, add_text: AddText, stored: list[list[float]]
) -> None:
    text_id = add_text(TENANT, 0)
    index.upsert(TENANT, "m", entries(text_id, [[1.0, 0.0]]))

    with pytest.raises(VectorDimensionError, match=r"3 dimensions.* 2 .*embed the collection anew"):
        index.upsert(TENANT, "m", entries(text_id, stored))


def test_a_query_of_another_length_is_refused(index: PgvectorVectorIndex, add_text: AddText) -> None:
    index.upsert(TENANT, "m", entries(add_text(TENANT, 0), [[1.0, 0.0]]))

    with pytest.raises(VectorDimensionError):
        index.search(TENANT, "m", [1.0], 5)


def test_vectors_of_zeros_are_near_to_nothing(index: PgvectorVectorIndex, add_text: AddText) -> None:
    index.upsert(TENANT, "m", entries(add_text(TENANT, 0), [[0.0, 0.0], [1.0, 0.0]]))

    assert [one.passage.ordinal for one in index.search(TENANT, "m", [1.0, 0.0], 5)] == [1]
    assert index.search(TENANT, "m", [0.0, 0.0], 5) == []


def test_a_deleted_text_is_not_found(index: PgvectorVectorIndex, add_text: AddText) -> None:
    kept, gone = add_text(TENANT, 0), add_text(TENANT, 1)
    index.upsert(TENANT, "m", entries(kept, [[1.0, 0.0]]) + entries(gone, [[1.0, 0.0]]))
    index.delete_text(TENANT, gone)

    assert [one.passage.text_id for one in index.search(TENANT, "m", [1.0, 0.0], 5)] == [kept]


def test_deleting_nothing_is_no_error(index: PgvectorVectorIndex) -> None:
    assert index.delete_text(TENANT, uuid.uuid4()) == 0
    index.upsert(TENANT, "m", [])
    assert list(index.stored(TENANT)) == []
