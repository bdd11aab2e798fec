"""Where passage vectors are kept and searched; one namespace a tenant."""

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from census.domain.errors import CensusError


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


@dataclass(frozen=True)
class StoredVector:
    """That there is a vector of a passage by an embedder."""

    passage: PassageId
    embedder: str


class VectorIndexRejectedError(CensusError):
    """The index will not take this call: the message says what to correct. Trying again changes nothing."""


class VectorIndex(Protocol):
    """Methods raise UnavailableError, VectorIndexRejectedError and, given vectors, VectorDimensionError.

    `embedder` names whose vectors are meant (`Embedder.model`): those of another one never meet.
    """

    def verify(self, embedder: str, dimensions: int) -> None:
        """Raise what an upsert of such vectors would meet."""
        ...

    def upsert(self, tenant_id: uuid.UUID, embedder: str, entries: Sequence[PassageVectorEntry]) -> None:
        """Store vectors; storing the same passage again replaces its vector."""
        ...

    def await_searchable(self, tenant_id: uuid.UUID, embedder: str, last: PassageId) -> None:
        """Return once searches see what was stored up to `last`; UnavailableError when it takes too long."""
        ...

    def search(
        self, tenant_id: uuid.UUID, embedder: str, vector: Sequence[float], count: int
    ) -> list[Neighbour]:
        """The nearest passages of the tenant, nearest first; also such that were deleted a moment ago."""
        ...

    def fetch(
        self, tenant_id: uuid.UUID, embedder: str, passages: Sequence[PassageId]
    ) -> dict[PassageId, list[float]]:
        """The stored vectors of these passages; those without one are left out."""
        ...

    def delete_text(self, tenant_id: uuid.UUID, text_id: uuid.UUID, embedder: str | None = None) -> int:
        """Delete the vectors of a text, of every embedder unless one is given; how many were found."""
        ...

    def stored(self, tenant_id: uuid.UUID) -> Iterator[StoredVector]:
        """Every vector of a tenant, in no order."""
        ...
