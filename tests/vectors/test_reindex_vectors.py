"""Another embedding model: noticed, then every text embedded anew, and no reader sees a mix."""

import uuid
from collections.abc import Iterator

import pytest

from census.adapters.hashed_embedder import HashedEmbedder
from census.adapters.postgres.database import PostgresDatabase
from census.application.check_vectors import problems_at_start, vector_problems
from census.application.reindex_vectors import reindex_tenant, reindex_vectors
from census.domain.vectors import VectorDimensionError
from census.ports.vector_index import PassageVectorEntry
from census.ports.vector_ledger import VectorSpace
from tests.pinecone_server import PineconeIndex, PineconeServer
from tests.vectors.test_outbox import TENANT, WORDS, CountingEmbedder, World


@pytest.fixture
def world(database: PostgresDatabase) -> Iterator[World]:
    with PineconeServer(PineconeIndex(HashedEmbedder.dimensions)) as server:
        yield World(database, server)


def searched(world: World) -> str | None:
    with world.database.tenant(TENANT) as work:
        space = work.vectors.space()
    return space.embedder if space else None


def test_a_changed_model_is_told_with_what_to_do(world: World) -> None:
    world.keep(WORDS)
    assert vector_problems(world.embedding()) == []
    (problem,) = vector_problems(world.embedding(CountingEmbedder("other")))

    assert "1 tenants are embedded by hashed-256-v1" in problem
    assert "make reindex" in problem


def test_an_index_of_another_dimension_stops_the_start_and_shows_in_health(world: World) -> None:
    world.server.index.dimension = 1536

    with pytest.raises(VectorDimensionError, match="index keeps vectors of 1536"):
        problems_at_start(world.embedding())
    assert "of 256 dimensions, but the index keeps vectors of 1536" in vector_problems(world.embedding())[0]


def test_an_index_out_of_reach_does_not_stop_the_start(world: World) -> None:
    world.server.faults.answers = [(503, {})] * 3

    assert problems_at_start(world.embedding()) == ["Pinecone is busy or down (HTTP 503)."]


def test_reindexing_switches_searches_and_deletes_the_old_vectors(world: World) -> None:
    for number in range(3):
        world.keep(f"{WORDS} {number}")
    other = CountingEmbedder("other")
    assert reindex_vectors(world.embedding(other)) == 3

    assert searched(world) == "other"
    assert {one.embedder for one in world.vectors.stored(TENANT)} == {"other"}
    assert world.check(other).good
    assert vector_problems(world.embedding(other)) == []


def test_a_run_that_was_cut_off_goes_on_and_nobody_sees_a_mix(world: World) -> None:
    for number in range(4):
        world.keep(f"{WORDS} {number}")
    other = CountingEmbedder("other")
    upsert, left = world.vectors.upsert, [2]

    def dying(tenant: uuid.UUID, embedder: str, entries: list[PassageVectorEntry]) -> None:
        if not left[0]:
            raise KeyboardInterrupt
        left[0] -= 1
        upsert(tenant, embedder, entries)

    world.vectors.upsert = dying  # type: ignore[method-assign, assignment]
    with pytest.raises(KeyboardInterrupt):
        reindex_tenant(world.embedding(other), TENANT)
    assert searched(world) == "hashed-256-v1"
    world.vectors.upsert = upsert  # type: ignore[method-assign]
    reindex_tenant(world.embedding(other), TENANT)

    assert searched(world) == "other"
    assert len(other.asked) == 5
    assert world.check(other).good


def test_searches_switch_only_when_every_text_has_its_vectors(world: World) -> None:
    world.keep(WORDS)
    with world.database.tenant(TENANT) as work:
        assert not work.vectors.switch(VectorSpace("other", 256))

    assert searched(world) == "hashed-256-v1"
