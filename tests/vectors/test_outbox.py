"""What is deleted here is deleted there: at once, or by a sweep; and nothing a late worker stored stays."""

import uuid
from collections.abc import Iterator, Sequence

import pytest
from sqlalchemy import text

from census.adapters.hashed_embedder import HashedEmbedder
from census.adapters.pinecone_vector_index import PineconeVectorIndex
from census.adapters.postgres.database import PostgresDatabase
from census.application.check_vectors import VectorCheck, check_vectors
from census.application.delete_file import delete_file
from census.application.embed_text import Embedding, embed_text
from census.application.remove_leftovers import Stores, remove_leftovers
from census.domain.extracted_text import ExtractedText
from census.domain.identity import sha256, upload_key
from census.domain.passages import split_passages
from census.domain.windows import cut_windows
from census.ports.embedder import Embedded
from census.ports.file_store import NewFile
from census.ports.text_store import NewText
from census.ports.vector_index import PassageId, PassageVectorEntry
from tests.pinecone_server import PineconeIndex, PineconeServer
from tests.prices import free

TENANT = uuid.UUID(int=1)
WORDS = "The notice period is thirty days."


class CountingEmbedder(HashedEmbedder):
    """The built-in embedder; it notes what it is asked for, and can pass for another model."""

    def __init__(self, model: str = HashedEmbedder.model) -> None:
        self.model = model
        self.asked: list[str] = []

    def embed(self, texts: Sequence[str]) -> Embedded:
        self.asked += texts
        return super().embed(texts)


class World:
    """A database, an index over HTTP, an embedder that counts."""

    def __init__(self, database: PostgresDatabase, server: PineconeServer) -> None:
        self.database, self.server = database, server
        self.vectors = PineconeVectorIndex(api_key=server.api_key, host=server.host)
        self.embedder = CountingEmbedder()

    def embedding(self, embedder: CountingEmbedder | None = None) -> Embedding:
        return Embedding(self.database, embedder or self.embedder, self.vectors, free)

    def keep(self, content: str) -> uuid.UUID:
        """A text with its vectors; no file shows it."""
        extracted = ExtractedText(content, None, (), (), "text/plain")
        new = NewText(sha256(content), extracted, 10, cut_windows(extracted), split_passages(extracted))
        with self.database.tenant(TENANT) as work:
            text_id = work.texts.save(new).text_id
        embed_text(self.embedding(), TENANT, text_id)
        return text_id

    def show(self, text_id: uuid.UUID) -> uuid.UUID:
        """A file that shows the text."""
        file_id, user = uuid.uuid4(), uuid.uuid4()
        key = upload_key(TENANT, file_id)
        with self.database.tenant(TENANT) as work:
            work.conversations.ensure_profile(user)
            work.files.add(NewFile(file_id, user, "a.txt", None, None, None, (), key, 900))
            shown = text("UPDATE knowledge_files SET status = 'completed', text_id = :text WHERE id = :id")
            work.session.execute(shown, {"text": text_id, "id": file_id})
        return file_id

    def drop(self, text_id: uuid.UUID) -> None:
        with self.database.tenant(TENANT) as work:
            work.texts.drop_unused(text_id)

    def remove(self) -> int:
        return remove_leftovers(Stores(self.database, self.vectors), TENANT)

    def let_time_pass(self) -> None:
        """Later than any worker of now can live."""
        with self.database.tenant(TENANT) as work:
            work.session.execute(
                text("UPDATE removals SET due_at = now(), created_at = now() - interval '1 hour'")
            )

    def check(self, embedder: CountingEmbedder | None = None) -> VectorCheck:
        return check_vectors(self.database, self.vectors, TENANT, (embedder or self.embedder).model)

    def removals(self) -> int:
        with self.database.tenant(TENANT) as work:
            return int(work.session.execute(text("SELECT count(*) FROM removals")).scalar_one())

    def stored(self) -> int:
        return len(self.server.index.truth(str(TENANT)))


@pytest.fixture
def world(database: PostgresDatabase) -> Iterator[World]:
    with PineconeServer(PineconeIndex(HashedEmbedder.dimensions)) as server:
        yield World(database, server)


def test_vectors_of_a_dropped_text_go_after_the_commit(world: World) -> None:
    text_id = world.keep(WORDS)
    world.drop(text_id)
    assert (world.stored(), world.removals()) == (1, 1)
    world.remove()

    assert world.stored() == 0


def test_a_request_that_deletes_a_file_does_not_work_off_what_others_left(world: World) -> None:
    for left in range(3):
        world.drop(world.keep(f"{WORDS} Number {left}."))
    file_id = world.show(world.keep(WORDS))
    delete_file(Stores(world.database, world.vectors), TENANT, file_id)

    assert world.stored() == 3
    assert world.remove() == 0
    assert world.stored() == 0


def test_a_deletion_that_the_index_refused_is_delivered_later(world: World) -> None:
    world.drop(world.keep(WORDS))
    world.server.faults.answers = [(503, {})] * 3
    assert world.remove() == 0
    assert world.stored() == 1
    world.let_time_pass()
    world.remove()

    assert world.stored() == 0
    assert world.check().good


def test_a_deletion_is_over_when_nothing_is_found_any_more(world: World) -> None:
    world.drop(world.keep(WORDS))
    world.remove()
    assert world.removals() == 1
    world.let_time_pass()

    assert world.remove() == 1
    assert world.removals() == 0


def test_what_a_worker_stored_after_the_deletion_goes_as_well(world: World) -> None:
    text_id = world.keep(WORDS)
    world.drop(text_id)
    world.remove()
    late = PassageVectorEntry(PassageId(text_id, 0), [1.0] * HashedEmbedder.dimensions)
    world.vectors.upsert(TENANT, world.embedder.model, [late])
    world.let_time_pass()
    world.remove()

    assert world.stored() == 0


def test_a_transaction_that_fails_deletes_nothing_anywhere(world: World) -> None:
    text_id = world.keep(WORDS)

    def fail() -> None:
        with world.database.tenant(TENANT) as work:
            work.texts.drop_unused(text_id)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    world.remove()

    assert (world.stored(), world.removals()) == (1, 0)
    assert world.check().good


def test_a_vector_without_a_text_is_found_by_the_check(world: World) -> None:
    world.keep(WORDS)
    stray = PassageVectorEntry(PassageId(uuid.uuid4(), 0), [1.0] * HashedEmbedder.dimensions)
    world.vectors.upsert(TENANT, world.embedder.model, [stray])

    assert world.check() == VectorCheck(missing=0, orphans=1, unembedded=0)


def test_a_passage_without_its_vector_is_found_by_the_check(world: World) -> None:
    text_id = world.keep(WORDS)
    world.vectors.delete_text(TENANT, text_id)

    assert world.check() == VectorCheck(missing=1, orphans=0, unembedded=0)
