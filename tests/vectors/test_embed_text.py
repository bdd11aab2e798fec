"""The same words are embedded once: within a text, in the next text, and in the next version."""

import uuid
from collections.abc import Iterator

import pytest

from census.adapters.hashed_embedder import HashedEmbedder
from census.adapters.postgres.database import PostgresDatabase
from census.domain.identity import sha256
from tests.pinecone_server import PineconeIndex, PineconeServer
from tests.vectors.test_outbox import TENANT, WORDS, World

SENTENCE = "Paragraph {} says that the tenant pays the rent on the third working day of a month. "


@pytest.fixture
def world(database: PostgresDatabase) -> Iterator[World]:
    with PineconeServer(PineconeIndex(HashedEmbedder.dimensions)) as server:
        yield World(database, server)


def document(*numbers: int) -> str:
    return "\n\n".join(SENTENCE.format(number) * 20 for number in numbers)


def test_words_that_were_embedded_before_take_their_vector(world: World) -> None:
    world.keep(document(1, 2, 3))
    first = len(world.embedder.asked)
    world.keep(document(1, 2, 3, 4))

    assert first >= 3
    assert len(world.embedder.asked) == len(set(world.embedder.asked)) <= first + 2
    assert world.check().good


def test_a_new_version_keeps_the_cache_when_the_old_one_goes(world: World) -> None:
    old = world.keep(document(1, 2, 3))
    world.keep(document(1, 2, 3, 4))
    world.drop(old)
    world.remove()
    asked = len(world.embedder.asked)
    world.keep(document(1, 2, 3, 5))

    assert len(world.embedder.asked) <= asked + 2
    assert world.check().good


def test_what_was_deleted_is_not_remembered(world: World) -> None:
    world.drop(world.keep(document(1)))
    world.remove()
    asked = len(world.embedder.asked)
    world.keep(document(1))

    assert len(world.embedder.asked) == 2 * asked


def test_words_noted_as_embedded_whose_vector_is_gone_are_embedded_anew(world: World) -> None:
    first = world.keep(document(1))
    world.vectors.delete_text(TENANT, first)
    world.keep(document(1) + "\n\nAnd more.")

    with world.database.tenant(TENANT) as work:
        assert len(work.vectors.embedded_texts(world.embedder.model)) == 2
    assert world.check().missing <= len(world.embedder.asked)
    assert world.stored() >= 1


def test_another_tenants_words_are_embedded_by_itself(world: World) -> None:
    world.keep(WORDS)
    hashes = [sha256(WORDS)]
    with world.database.tenant(TENANT) as work:
        assert list(work.vectors.reusable(world.embedder.model, hashes)) == hashes
    with world.database.tenant(uuid.UUID(int=2)) as work:
        assert work.vectors.reusable(world.embedder.model, hashes) == {}
        assert work.vectors.space() is None
