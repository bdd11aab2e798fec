"""Where passage vectors are kept and searched; one namespace a tenant."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class PassageId:
    """A passage by its identity: text and ordinal."""

    text_id: uuid.UUID
    ordinal: int


@dataclass(frozen=True)
class PassageVectorEntry:
    """A passage's vector to store."""

    passage: PassageId
    vector: Sequence[float]


@dataclass(frozen=True)
class Neighbour:
    """A passage near a query; `score` is the cosine similarity, -1 to 1."""

    passage: PassageId
    score: float


class VectorIndex(Protocol):
    """Methods raise UnavailableError. `embedder` names the model whose vectors are meant."""

    def upsert(self, tenant_id: uuid.UUID, embedder: str, entries: Sequence[PassageVectorEntry]) -> None:
        """Store vectors; storing the same passage again replaces its vector."""
        ...

    def search(
        self, tenant_id: uuid.UUID, embedder: str, vector: Sequence[float], count: int
    ) -> list[Neighbour]:
        """The nearest passages of the tenant, nearest first."""
        ...

    def delete_text(self, tenant_id: uuid.UUID, text_id: uuid.UUID) -> None:
        """Delete all vectors of a text, of every embedder."""
        ...
