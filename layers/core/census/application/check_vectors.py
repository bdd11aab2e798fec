"""Hold the index to the database: every passage has its vector, and every vector its passage."""

import uuid
from collections import Counter, defaultdict
from dataclasses import dataclass

from census.application.embed_text import Embedding
from census.domain.errors import UnavailableError
from census.domain.vectors import VectorDimensionError
from census.ports.unit_of_work import Database
from census.ports.vector_index import VectorIndex, VectorIndexRejectedError

EVERY = 10_000_000


@dataclass(frozen=True)
class VectorCheck:
    """What is wrong in one tenant.

    `missing`: passages of embedded texts without a vector. `orphans`: vectors that belong to no embedded text
    and whose deletion is not on the list. `unembedded`: texts that lack vectors of what searches use.
    """

    missing: int = 0
    orphans: int = 0
    unembedded: int = 0

    @property
    def good(self) -> bool:
        """Whether both stores agree."""
        return not (self.missing or self.orphans or self.unembedded)


def check_vectors(
    database: Database, vectors: VectorIndex, tenant_id: uuid.UUID, embedder: str
) -> VectorCheck:
    """Compare both stores for one tenant, as far as `embedder` goes. Raises UnavailableError.

    A service whose reads lag may show as wrong what was written in the last minute.
    """
    stored: dict[str, Counter[uuid.UUID]] = defaultdict(Counter)
    for one in vectors.stored(tenant_id):
        stored[one.embedder][one.passage.text_id] += 1
    with database.tenant(tenant_id) as work:
        expected = {name: work.vectors.embedded_texts(name) for name in {embedder, *stored}}
        going = work.vectors.texts_to_remove()
        unembedded = len(work.vectors.unembedded(embedder, EVERY))
        in_hand = set(work.vectors.unembedded("", EVERY)) if stored else set()
    missing = sum(
        max(0, passages - stored[name][text_id])
        for name, texts in expected.items()
        for text_id, passages in texts.items()
    )
    orphans = sum(
        max(0, count - expected[name].get(text_id, 0))
        for name, texts in stored.items()
        for text_id, count in texts.items()
        if text_id not in going and (text_id in expected[name] or text_id not in in_hand)
    )
    return VectorCheck(missing, orphans, unembedded)


def problems_at_start(embedding: Embedding) -> list[str]:
    """What is wrong but passes, or takes a reindex.

    Raises VectorDimensionError or VectorIndexRejectedError where no document could be kept: a release whose
    index does not fit its embedder must not start.
    """
    problems = []
    try:
        embedding.vectors.verify(embedding.embedder.model, embedding.embedder.dimensions)
    except UnavailableError as error:
        problems.append(str(error))
    return problems + _other_spaces(embedding)


def vector_problems(embedding: Embedding) -> list[str]:
    """What keeps searches by meaning from working, each in a sentence that says what to do."""
    try:
        return problems_at_start(embedding)
    except (VectorDimensionError, VectorIndexRejectedError) as error:
        return [str(error), *_other_spaces(embedding)]


def _other_spaces(embedding: Embedding) -> list[str]:
    expected = embedding.space
    with embedding.database.system() as work:
        spaces = work.open_work.vector_spaces()
    return [
        f"{tenants} tenants are embedded by {space.embedder} ({space.dimensions} dimensions), but "
        f"{expected.embedder} ({expected.dimensions}) is set: they are searched by words alone. Run `make "
        "reindex` with the new setting, or restore the earlier one."
        for space, tenants in spaces.items()
        if space != expected
    ]
