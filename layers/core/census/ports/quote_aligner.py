"""Finding words that are nearly, but not exactly, in a text."""

from typing import Protocol


class QuoteAligner(Protocol):
    """Approximate search."""

    def align(self, quote: str, text: str) -> tuple[int, int] | None:
        """The span of `text` that is nearly the quote, as [start, end); None when nothing is near enough."""
        ...
