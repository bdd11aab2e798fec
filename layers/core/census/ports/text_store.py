"""Extracted texts and their passages, within one tenant and one transaction."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from census.domain.extracted_text import ExtractedText
from census.domain.passages import Passage
from census.domain.windows import Window
from census.ports.vector_index import Neighbour, PassageId


@dataclass(frozen=True)
class NewText:
    """A text to keep; `source_hash` names the bytes and the way they were read."""

    source_hash: str
    extracted: ExtractedText
    tokens: int
    windows: Sequence[Window]
    passages: Sequence[Passage]


@dataclass(frozen=True)
class SavedText:
    """A text that is kept. `published`: a completed source shows it. `embedded`: its vectors are complete."""

    text_id: uuid.UUID
    media_type: str
    passages: int
    published: bool
    embedded: bool


@dataclass(frozen=True)
class StoredText:
    """A text to show; offsets of passages and quotes count its Unicode code points."""

    text_id: uuid.UUID
    title: str | None
    text: str
    tokens: int
    passages: int


@dataclass(frozen=True)
class FoundPassage:
    """A passage, where the pages of its text start, and the oldest completed source that shows it."""

    passage: PassageId
    text: str
    char_start: int
    char_end: int
    page_starts: tuple[int, ...]
    headings: tuple[str, ...]
    source_kind: str
    source_id: uuid.UUID
    source_name: str


class TextStore(Protocol):
    """Readers see a text only once a completed source shows it."""

    def find_by_source(self, source_hash: str, embedder: str = "") -> SavedText | None:
        """The text of these bytes, whether readers see it or not; `embedder` tells whose vectors count."""
        ...

    def save(self, new: NewText) -> SavedText:
        """Keep a text and its passages; of two with the same source the first stays and both get it."""
        ...

    def passage_texts(self, text_id: uuid.UUID) -> list[tuple[int, str]]:
        """Ordinal and text of every passage of a text, in order."""
        ...

    def text(self, text_id: uuid.UUID) -> StoredText | None:
        """A text by its id."""
        ...

    def drop_unused(self, text_id: uuid.UUID) -> bool:
        """Delete a text that no file or page shows, and what only it needs; whether it went."""
        ...

    def shown(self, text_ids: Sequence[uuid.UUID]) -> set[uuid.UUID]:
        """Those of the texts that readers see."""
        ...

    def search(self, query: str, count: int) -> list[Neighbour]:
        """Passages that hold any word of the query, best first; scores from 0 to 1, not a cosine."""
        ...

    def passages(self, ids: Sequence[PassageId]) -> list[FoundPassage]:
        """These passages in this order, without those that readers do not see."""
        ...
