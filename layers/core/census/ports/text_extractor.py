"""The role of whatever turns uploaded bytes into text."""

from pathlib import Path
from typing import Protocol

from census.domain.extracted_text import ExtractedText


class TextExtractor(Protocol):
    """Takes the text out of a document that nobody has vetted."""

    def extract(self, source: Path | bytes, filename: str, content_type: str | None = None) -> ExtractedText:
        """Return the text of `source`, a file or its bytes.

        The type is decided by content; `filename` and the declared `content_type` break ties only. Raises
        ExtractionError, and nothing else, for every file that yields no text, within a bounded time.
        """
        ...
