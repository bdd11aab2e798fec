"""Give every passage of a kept text its vector; words that were embedded before take the one they have.

It reads the passages as they are kept: so it makes no difference who kept them, or when that one died.
"""

import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from census.application.charge_usage import Price, charge_embedding
from census.application.ingest_failures import during
from census.domain.identity import Caller, sha256
from census.ports.embedder import Embedder
from census.ports.unit_of_work import Database
from census.ports.vector_index import PassageId, PassageVectorEntry, VectorIndex
from census.ports.vector_ledger import VectorSpace

FETCHED_AT_ONCE = 500
"""Vectors that come back from the index together: at most 25 MB."""


@dataclass(frozen=True)
class Embedding:
    """What embedding takes. `price` turns usage into US dollars."""

    database: Database
    embedder: Embedder
    vectors: VectorIndex
    price: Price

    @property
    def space(self) -> VectorSpace:
        """Whose vectors are made."""
        return VectorSpace(self.embedder.model, self.embedder.dimensions)


@dataclass(frozen=True)
class _Words:
    """The same words at one or more places of a text."""

    text: str
    ordinals: list[int]


def embed_text(
    embedding: Embedding,
    tenant_id: uuid.UUID,
    text_id: uuid.UUID,
    payer: Caller | None = None,
    *,
    resumed: bool = False,
) -> VectorSpace:
    """Store a vector of every passage and note it; what the tenant's searches use.

    A text that was `resumed` may have vectors already: each full request is stored before the next is paid
    for. `payer`: the user whose document it is. Embedding anew, which nobody asked for, is charged to none.
    Raises IngestStoppedError.
    """
    model = embedding.embedder.model
    with during("store"), embedding.database.tenant(tenant_id) as work:
        words = _by_hash(work.texts.passage_texts(text_id))
        there = work.vectors.reusable(model, list(words)) if words else {}
    own = {key: PassageId(text_id, one.ordinals[0]) for key, one in words.items()} if resumed else {}
    found = _reuse(embedding, tenant_id, text_id, words, own)
    others = {key: place for key, place in there.items() if key not in found}
    found |= _reuse(embedding, tenant_id, text_id, words, others)
    _embed(embedding, tenant_id, text_id, [one for key, one in words.items() if key not in found], payer)
    with during("store"), embedding.database.tenant(tenant_id) as work:
        contents = {key: one.ordinals[0] for key, one in words.items()}
        return work.vectors.mark_embedded(text_id, embedding.space, contents)


def _by_hash(passages: Sequence[tuple[int, str]]) -> dict[str, _Words]:
    words: dict[str, _Words] = {}
    for ordinal, text in passages:
        words.setdefault(sha256(text), _Words(text, [])).ordinals.append(ordinal)
    return words


def _reuse(
    embedding: Embedding,
    tenant_id: uuid.UUID,
    text_id: uuid.UUID,
    words: Mapping[str, _Words],
    there: Mapping[str, PassageId],
) -> set[str]:
    """Copy the vectors that the index really has; the hashes of their words."""
    found: set[str] = set()
    for keys in _runs(list(there)):
        with during("store"):
            wanted = [there[key] for key in keys]
            stored = {place.ordinal for place in wanted if place.text_id == text_id}
            vectors = embedding.vectors.fetch(tenant_id, embedding.embedder.model, wanted)
            had = {key: vectors[there[key]] for key in keys if there[key] in vectors}
            entries = [one for key in had for one in _entries(text_id, words[key], had[key])]
            lacking = [one for one in entries if one.passage.ordinal not in stored]
            if lacking:
                embedding.vectors.upsert(tenant_id, embedding.embedder.model, lacking)
        found |= set(had)
    return found


def _runs(keys: Sequence[str]) -> Iterator[Sequence[str]]:
    return (keys[first : first + FETCHED_AT_ONCE] for first in range(0, len(keys), FETCHED_AT_ONCE))


def _embed(
    embedding: Embedding,
    tenant_id: uuid.UUID,
    text_id: uuid.UUID,
    words: Sequence[_Words],
    payer: Caller | None,
) -> None:
    left = iter(words)
    for run in embedding.embedder.runs([one.text for one in words]):
        with during("embed"):
            embedded = embedding.embedder.embed(run)
        with during("store"):
            if payer is not None:
                charge_embedding(embedding.database, embedding.price, payer, embedded.usage)
        entries = [e for vector in embedded.vectors for e in _entries(text_id, next(left), vector)]
        with during("store"):
            embedding.vectors.upsert(tenant_id, embedding.embedder.model, entries)


def _entries(text_id: uuid.UUID, words: _Words, vector: Sequence[float]) -> list[PassageVectorEntry]:
    return [PassageVectorEntry(PassageId(text_id, ordinal), vector) for ordinal in words.ordinals]
