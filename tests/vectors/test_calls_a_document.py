"""What a document costs in HTTP calls and statements: counted, for they are paid for and waited for."""

import uuid
from collections.abc import Iterator

import pytest
from sqlalchemy import event

from census.adapters.openai_embedder import OpenAIEmbedder
from census.adapters.pinecone_vector_index import PineconeVectorIndex
from census.adapters.postgres.database import PostgresDatabase
from census.application.embed_text import Embedding, embed_text
from census.domain.extracted_text import ExtractedText
from census.domain.identity import sha256
from census.domain.passages import split_passages
from census.domain.windows import cut_windows
from census.ports.text_store import NewText
from tests.embedding.embeddings_server import Behaviour, embeddings_server
from tests.pinecone_server import PineconeIndex, PineconeServer
from tests.prices import free

TENANT = uuid.UUID(int=1)
SENTENCE = "Clause {} says that the tenant pays the rent on the third working day of every month. "


def long_text(paragraphs: int, first: int = 0) -> str:
    return "\n\n".join(SENTENCE.format(first + number) * 20 for number in range(paragraphs))


class Counted:
    """A database, an embedding API and an index over HTTP; what each was asked."""

    def __init__(self, database: PostgresDatabase, openai: Behaviour, pinecone: PineconeServer) -> None:
        self.openai, self.pinecone, self.statements = openai, pinecone, 0
        self.database = database
        embedder = OpenAIEmbedder(api_key="k", base_url=openai.base_url, dimensions=4)
        index = PineconeVectorIndex(api_key=pinecone.api_key, host=pinecone.host)
        self.embedding = Embedding(database, embedder, index, free)
        event.listen(database.engine, "before_cursor_execute", self._count)

    def _count(self, *_: object) -> None:
        self.statements += 1

    def embed(self, content: str) -> tuple[int, int, int]:
        """Keep a text; the embedding requests, index calls and SQL statements that its vectors took."""
        extracted = ExtractedText(content, None, (), (), "text/plain")
        new = NewText(sha256(content), extracted, 10, cut_windows(extracted), split_passages(extracted))
        with self.database.tenant(TENANT) as work:
            text_id = work.texts.save(new).text_id
        before = len(self.openai.requests), len(self.pinecone.calls), self.statements
        embed_text(self.embedding, TENANT, text_id)
        after = len(self.openai.requests), len(self.pinecone.calls), self.statements
        return after[0] - before[0], after[1] - before[1], after[2] - before[2]


@pytest.fixture
def counted(database: PostgresDatabase) -> Iterator[Counted]:
    with embeddings_server(Behaviour(dimensions=4)) as openai, PineconeServer(PineconeIndex(4)) as pinecone:
        yield Counted(database, openai, pinecone)


def test_a_short_document_takes_one_request_of_each(counted: Counted) -> None:
    requests, calls, statements = counted.embed(long_text(5))

    assert (requests, calls) == (1, 1)
    assert statements <= 10


def test_a_long_document_fills_its_requests(counted: Counted) -> None:
    requests, _, _ = counted.embed(long_text(1_000))
    sizes = [len(request["input"]) for request in counted.openai.requests]

    assert requests == len(sizes) <= 3
    assert min(sizes[:-1]) >= 350


def test_words_that_are_known_cost_no_embedding_request(counted: Counted) -> None:
    counted.embed(long_text(40))
    requests, calls, _ = counted.embed("\n\n" + long_text(40) + "\n")

    assert requests == 0
    assert calls == counted.pinecone.count("GET /vectors/fetch") + 1


def test_a_changed_paragraph_costs_one_small_request(counted: Counted) -> None:
    counted.embed(long_text(40))
    counted.embed(long_text(39) + "\n\n" + long_text(1, first=99))

    assert len(counted.openai.requests[-1]["input"]) <= 3
