"""Embedding a document is charged to its owner, once; what needs no request costs nothing."""

import uuid
from collections.abc import Iterator
from decimal import Decimal

import pytest

from census.adapters.openai_embedder import OpenAIEmbedder
from census.adapters.pgvector_vector_index import PgvectorVectorIndex
from census.adapters.postgres.database import PostgresDatabase
from census.application.embed_text import Embedding, embed_text
from census.domain.extracted_text import ExtractedText
from census.domain.identity import Caller, sha256
from census.domain.passages import split_passages
from census.domain.usage import Usage
from census.domain.windows import cut_windows
from census.ports.job_store import Spending
from census.ports.text_store import NewText
from tests.embedding.embeddings_server import Behaviour, embeddings_server

OWNER = Caller(uuid.uuid4(), uuid.uuid4())
WORDS = "The notice period is thirty days."


def cent_a_token(usage: Usage) -> Decimal:
    return Decimal("0.01") * usage.input_tokens


@pytest.fixture
def embedding(database: PostgresDatabase) -> Iterator[Embedding]:
    with embeddings_server(Behaviour(dimensions=4)) as server:
        embedder = OpenAIEmbedder(api_key="k", base_url=server.base_url, dimensions=4)
        yield Embedding(database, embedder, PgvectorVectorIndex(database), cent_a_token)


def keep(embedding: Embedding, content: str) -> uuid.UUID:
    """A text that has no vectors yet."""
    extracted = ExtractedText(content, None, (), (), "text/plain")
    new = NewText(sha256(content), extracted, 10, cut_windows(extracted), split_passages(extracted))
    with embedding.database.tenant(OWNER.tenant_id) as work:
        work.conversations.ensure_profile(OWNER.user_id)
        return work.texts.save(new).text_id


def spent(embedding: Embedding) -> Spending:
    with embedding.database.tenant(OWNER.tenant_id) as work:
        return work.budgets.spending(OWNER.user_id).today


def test_a_document_is_charged_to_its_owner_as_the_vendor_counts(embedding: Embedding) -> None:
    embed_text(embedding, OWNER.tenant_id, keep(embedding, WORDS), OWNER)
    found = spent(embedding)
    assert (found.calls, found.input_tokens, found.usd) == (1, 1, Decimal("0.01"))


def test_words_that_have_a_vector_are_not_charged_again(embedding: Embedding) -> None:
    embed_text(embedding, OWNER.tenant_id, keep(embedding, WORDS), OWNER)
    embed_text(embedding, OWNER.tenant_id, keep(embedding, f"\n{WORDS}\n"), OWNER)
    assert spent(embedding).calls == 1


def test_what_the_operator_has_embedded_anew_is_charged_to_nobody(embedding: Embedding) -> None:
    embed_text(embedding, OWNER.tenant_id, keep(embedding, WORDS))
    assert spent(embedding).calls == 0
