"""The role of whatever turns texts into vectors, and how it fails.

EmbedderError
  EmbedderUnavailableError   try again, after `retry_after` seconds where that is known
  EmbedderRejectedError      trying again changes nothing: key, model, input or dimension is wrong
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from census.domain.usage import Usage


class EmbedderError(Exception):
    """Texts could not be embedded; the message says why and what to do."""


class EmbedderUnavailableError(EmbedderError):
    """The embedding service is busy, down or out of reach; the same call may succeed later."""

    def __init__(self, message: str, *, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class EmbedderRejectedError(EmbedderError):
    """The embedding service will not take this call, or answered it with something unusable."""


@dataclass(frozen=True)
class Embedded:
    """One vector a text, in the order of the texts, and what they cost."""

    vectors: list[list[float]]
    usage: Usage = field(default_factory=Usage)


class Embedder(Protocol):
    """Turns texts into vectors of one length; near texts give near vectors (cosine)."""

    @property
    def model(self) -> str:
        """The name that is recorded with every vector. One name, one length: vectors of different names
        never meet.
        """
        ...

    @property
    def dimensions(self) -> int:
        """The length of every vector."""
        ...

    def embed(self, texts: Sequence[str]) -> Embedded:
        """Embed the texts. Raises EmbedderError."""
        ...

    def runs(self, texts: Sequence[str]) -> Iterator[list[str]]:
        """Cut `texts`, in order, into what one `embed` does best at once: one full request."""
        ...
