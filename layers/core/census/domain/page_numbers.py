"""Pages of a text, from the offset each of them starts at."""

from bisect import bisect_right
from collections.abc import Sequence


def page_at(page_starts: Sequence[int], offset: int) -> int | None:
    """The page (from 1) that holds an offset; None for a text without pages."""
    return max(1, bisect_right(page_starts, offset)) if page_starts else None
