"""What vectors there should be, and what is still to be deleted elsewhere: within one tenant and transaction.

The index may be another service. This is the truth it is held to.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from census.ports.vector_index import PassageId


@dataclass(frozen=True)
class VectorSpace:
    """Whose vectors a tenant's searches use, and how long these are."""

    embedder: str
    dimensions: int


@dataclass(frozen=True)
class Removal:
    """A deletion that is due: vectors of a text (of one embedder, or of all), or an object.

    `settled`: every worker that could still write there has ended by now.
    """

    id: uuid.UUID
    text_id: uuid.UUID | None
    embedder: str | None
    object_key: str | None
    settled: bool


class VectorLedger(Protocol):
    """Texts here are extracted texts, whether readers see them yet or not."""

    def space(self) -> VectorSpace | None:
        """What searches use; None before the first text is embedded."""
        ...

    def reusable(self, embedder: str, content_hashes: Sequence[str]) -> dict[str, PassageId]:
        """Passages with the same words that have a vector, by the hash of their words."""
        ...

    def mark_embedded(
        self, text_id: uuid.UUID, space: VectorSpace, contents: Mapping[str, int]
    ) -> VectorSpace:
        """Note that the index holds the text's vectors; what searches use: `space` if it is the first.

        `contents` gives the ordinal of a passage by the hash of its words: others may take its vector.
        Raises UnavailableError where the text was deleted meanwhile.
        """
        ...

    def unembedded(self, embedder: str, limit: int) -> list[uuid.UUID]:
        """Texts with passages that lack vectors of this embedder, oldest first."""
        ...

    def switch(self, space: VectorSpace) -> bool:
        """Let searches use `space` from now on, and write down the removal of all other vectors.

        False, and nothing is done, while a text lacks vectors of it.
        """
        ...

    def embedded_texts(self, embedder: str) -> dict[uuid.UUID, int]:
        """How many passages each text has that is noted as embedded."""
        ...

    def take_removals(
        self, limit: int, again_in_seconds: float, *, objects: bool, text_id: uuid.UUID | None = None
    ) -> list[Removal]:
        """Deletions that are due, with or without `objects`, ours for so long; then they are due again.

        With `text_id` only those of its vectors.
        """
        ...

    def finish_removals(self, done: Sequence[uuid.UUID]) -> None:
        """Forget deletions that need no further look."""
        ...

    def texts_to_remove(self) -> set[uuid.UUID]:
        """Texts whose vectors are on the list of deletions."""
        ...
