"""Pinecone's errors as those of the port."""

from __future__ import annotations

from typing import TYPE_CHECKING

from census.domain.errors import CensusError, UnavailableError
from census.ports.vector_index import VectorIndexRejectedError

if TYPE_CHECKING:
    from pinecone import PineconeError

_STATES_THAT_PASS = frozenset((408, 409, 425, 429))
_KEY = frozenset((401, 403))


class NoNamespaceError(VectorIndexRejectedError):
    """The tenant has no namespace yet: nothing was stored for it, or reads do not see it yet."""


def typed(error: PineconeError) -> CensusError:
    """The port's error: what passes by itself is UnavailableError, the rest VectorIndexRejectedError."""
    from pinecone import ApiError, PineconeConnectionError, PineconeTimeoutError

    if isinstance(error, PineconeConnectionError | PineconeTimeoutError):
        return UnavailableError(f"Pinecone cannot be reached: {error}")
    if not isinstance(error, ApiError):
        return VectorIndexRejectedError(f"Pinecone's client refused the call: {error} Check PINECONE_HOST.")
    status = error.status_code
    if status in _STATES_THAT_PASS or status >= 500:
        return UnavailableError(f"Pinecone is busy or down (HTTP {status}).")
    if status == 404 and "namespace" in str(error).lower():
        return NoNamespaceError(f"Pinecone has no such namespace: {error}")
    what = "the API key and its permissions" if status in _KEY else "the index and its host (PINECONE_HOST)"
    return VectorIndexRejectedError(f"Pinecone refused the call (HTTP {status}): {error} Check {what}.")
