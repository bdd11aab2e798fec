"""What the port promises, of both indexes: pgvector in real Postgres, Pinecone over real HTTP."""

import math
import random
import uuid
from collections.abc import Iterator, Sequence

import pytest

from census.adapters.pgvector_vector_index import PgvectorVectorIndex
from census.adapters.pinecone_vector_index import PineconeVectorIndex
from census.adapters.postgres.database import PostgresDatabase
from census.domain.vectors import VectorDimensionError
from census.ports.vector_index import PassageId, PassageVectorEntry, StoredVector, VectorIndex
from tests.pinecone_server import PineconeIndex, PineconeServer
from tests.vectors.conftest import AddText

TENANT, OTHER = uuid.UUID(int=1), uuid.UUID(int=2)
DIMENSION = 8


@pytest.fixture(params=["pgvector", "pinecone"])
def index(request: pytest.FixtureRequest, database: PostgresDatabase) -> Iterator[VectorIndex]:
    if request.param == "pgvector":
        yield PgvectorVectorIndex(database)
        return
    with PineconeServer(PineconeIndex(DIMENSION)) as server:
        yield PineconeVectorIndex(api_key=server.api_key, host=server.host)


def axis(number: int) -> list[float]:
    return [1.0 if place == number else 0.0 for place in range(DIMENSION)]


def random_vectors(count: int, seed: int) -> list[list[float]]:
    source = random.Random(seed)
    return [[source.gauss(0, 1) for _ in range(DIMENSION)] for _ in range(count)]


def entries(text_id: uuid.UUID, vectors: Sequence[Sequence[float]]) -> list[PassageVectorEntry]:
    return [PassageVectorEntry(PassageId(text_id, n), vector) for n, vector in enumerate(vectors)]


def cosine(first: Sequence[float], second: Sequence[float]) -> float:
    product = sum(a * b for a, b in zip(first, second, strict=True))
    return product / (math.hypot(*first) * math.hypot(*second))


def test_the_nearest_come_first_with_their_cosine(index: VectorIndex, add_text: AddText) -> None:
    text_id, vectors = add_text(TENANT, 0), random_vectors(200, 7)
    index.upsert(TENANT, "m", entries(text_id, vectors))

    for query in random_vectors(5, 8):
        best = sorted(range(len(vectors)), key=lambda n: -cosine(query, vectors[n]))[:10]
        found = index.search(TENANT, "m", query, 10)
        assert [one.passage for one in found] == [PassageId(text_id, n) for n in best]
        assert found[0].score == pytest.approx(cosine(query, vectors[best[0]]), abs=1e-5)


def test_another_tenants_vectors_are_never_found(index: VectorIndex, add_text: AddText) -> None:
    index.upsert(OTHER, "m", entries(add_text(OTHER, 0), [axis(0)]))

    assert index.search(TENANT, "m", axis(0), 5) == []
    assert list(index.stored(TENANT)) == []


def test_embedders_do_not_meet(index: VectorIndex, add_text: AddText) -> None:
    text_id = add_text(TENANT, 0)
    index.upsert(TENANT, "small/8", entries(text_id, [axis(0)]))
    index.upsert(TENANT, "large/8", entries(text_id, [axis(1)]))

    (found,) = index.search(TENANT, "large/8", axis(0), 5)
    assert found.score == pytest.approx(0, abs=1e-6)
    kept = index.fetch(TENANT, "small/8", [PassageId(text_id, 0)])
    assert kept == {PassageId(text_id, 0): axis(0)}


def test_storing_again_replaces(index: VectorIndex, add_text: AddText) -> None:
    text_id = add_text(TENANT, 0)
    index.upsert(TENANT, "m", entries(text_id, [axis(0)]))
    index.upsert(TENANT, "m", entries(text_id, [axis(1)]))

    (found,) = index.search(TENANT, "m", axis(1), 5)
    assert found.score == pytest.approx(1)


def test_the_same_passage_twice_in_one_call_counts_once(index: VectorIndex, add_text: AddText) -> None:
    text_id = add_text(TENANT, 0)
    index.upsert(TENANT, "m", [*entries(text_id, [axis(0)]), *entries(text_id, [axis(1)])])

    (found,) = index.search(TENANT, "m", axis(1), 5)
    assert found.score == pytest.approx(1)


def test_stored_vectors_come_back_as_four_byte_floats(index: VectorIndex, add_text: AddText) -> None:
    text_id, vectors = add_text(TENANT, 0), random_vectors(120, 3)
    index.upsert(TENANT, "m", entries(text_id, vectors))
    wanted = [PassageId(text_id, n) for n in range(125)]
    found = index.fetch(TENANT, "m", wanted)

    assert set(found) == set(wanted[:120])
    assert found[wanted[7]] == pytest.approx(vectors[7], rel=1e-6)


def test_the_vectors_of_a_text_go_and_those_of_others_stay(index: VectorIndex, add_text: AddText) -> None:
    gone, stays = add_text(TENANT, 0), add_text(TENANT, 1)
    for text_id in (gone, stays):
        index.upsert(TENANT, "m", entries(text_id, random_vectors(130, 1)))

    assert index.delete_text(TENANT, gone) == 130
    assert index.delete_text(TENANT, gone) == 0
    assert {one.passage.text_id for one in index.stored(TENANT)} == {stays}


def test_the_vectors_of_one_embedder_go_alone(index: VectorIndex, add_text: AddText) -> None:
    text_id = add_text(TENANT, 0)
    for embedder in ("small/8", "small/80"):
        index.upsert(TENANT, embedder, entries(text_id, [axis(0)]))
    index.delete_text(TENANT, text_id, "small/8")

    assert list(index.stored(TENANT)) == [StoredVector(PassageId(text_id, 0), "small/80")]


def test_deleting_what_was_never_there_is_no_error(index: VectorIndex) -> None:
    assert index.delete_text(TENANT, uuid.uuid4()) == 0
    assert index.fetch(TENANT, "m", [PassageId(uuid.uuid4(), 0)]) == {}
    assert index.search(TENANT, "m", axis(0), 5) == []


def test_a_query_of_zeros_is_near_to_nothing(index: VectorIndex, add_text: AddText) -> None:
    index.upsert(TENANT, "m", entries(add_text(TENANT, 0), [axis(0)]))

    assert index.search(TENANT, "m", [0.0] * DIMENSION, 5) == []


def test_vectors_of_another_length_are_refused_by_name(index: VectorIndex, add_text: AddText) -> None:
    text_id = add_text(TENANT, 0)
    index.upsert(TENANT, "m", entries(text_id, [axis(0)]))

    with pytest.raises(VectorDimensionError, match="of 3 dimensions, but the index keeps vectors of 8"):
        index.upsert(TENANT, "m", entries(text_id, [[1.0, 0.0, 0.0]]))
    with pytest.raises(VectorDimensionError):
        index.search(TENANT, "m", [1.0, 0.0, 0.0], 5)
    with pytest.raises(VectorDimensionError):
        index.upsert(TENANT, "m", entries(text_id, [axis(0), [1.0]]))


def test_what_was_stored_is_searchable_after_waiting(index: VectorIndex, add_text: AddText) -> None:
    text_id = add_text(TENANT, 0)
    index.upsert(TENANT, "m", entries(text_id, [axis(0), axis(1)]))
    index.await_searchable(TENANT, "m", PassageId(text_id, 1))

    assert len(index.search(TENANT, "m", axis(0), 5)) == 2


def test_an_index_that_fits_is_verified_and_takes_vectors(index: VectorIndex, add_text: AddText) -> None:
    index.verify("m/8", DIMENSION)
    text_id = add_text(TENANT, 0)
    index.upsert(TENANT, "m/8", entries(text_id, [[1.0] * DIMENSION]))
    index.await_searchable(TENANT, "m/8", PassageId(text_id, 0))

    assert len(index.search(TENANT, "m/8", [1.0] * DIMENSION, 5)) == 1
