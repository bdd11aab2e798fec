"""The role of whatever reads the text in pictures of pages (OCR)."""

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol


class TextRecognizer(Protocol):
    """Reads scanned documents. None is part of Census: extraction asks one only where it was given one."""

    def recognize_pages(self, pdf: Path, *, seconds: float) -> Sequence[str]:
        """Return the text of each page of a PDF that holds pictures only, "" for a page without any.

        It takes at most `seconds`. Raises ExtractionError, `retryable` where a service was down.
        """
        ...
