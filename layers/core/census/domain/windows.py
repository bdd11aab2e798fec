"""Cuts a document into reading windows: what one call of the map phase reads."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from census.domain.boundaries import Boundaries
from census.domain.extracted_text import ExtractedText
from census.domain.tokens import TokenIndex

WINDOWING_VERSION = 1
"""Part of every cache key: raise it when the same text would be cut differently."""

OVERLAP_WORDS = 60
"""A run of up to so many words lies whole in one window, because neighbours share at least as many."""

_WORD = re.compile(r"\S+")


@dataclass(frozen=True)
class Window:
    """The span [char_start, char_end) of a document's text; `number` counts from 0.

    `heading` is the path of headings that the window starts under, outermost first, joined by ` > `, or
    empty.
    """

    number: int
    char_start: int
    char_end: int
    tokens: int
    heading: str


def cut_windows(
    extracted: ExtractedText, *, max_tokens: int = 5000, overlap_tokens: int = 300
) -> list[Window]:
    """Cut `extracted` into windows of at most `max_tokens`; a document that fits is one window.

    Every character is in a window; neighbours share at least `overlap_tokens` and `OVERLAP_WORDS` words
    (never more than half a window, so that long words cannot stop the progress). Cuts stand before a
    heading, else a paragraph, else a sentence, else a word; inside a word only where it is longer than the
    overlap. The same text always gives the same windows. Raises ValueError unless 0 <= 4 * overlap <= max
    and max >= 16.
    """
    if not (0 <= 4 * overlap_tokens <= max_tokens and max_tokens >= 16):
        raise ValueError("need 0 <= 4 * overlap_tokens <= max_tokens and max_tokens >= 16")
    index = TokenIndex(extracted.text)
    cutter = _Cutter(index, Boundaries(extracted, index), max_tokens, overlap_tokens)
    return [
        Window(number, start, end, index.count(start, end), " > ".join(extracted.heading_path_at(start)))
        for number, (start, end) in enumerate(cutter.spans())
    ]


@dataclass(frozen=True)
class _Cutter:
    index: TokenIndex
    boundaries: Boundaries
    maximum: int
    overlap: int

    def spans(self) -> Iterator[tuple[int, int]]:
        start, end, end_of_text = 0, 0, len(self.index.text)
        while True:
            end = self._end(start, floor=end)
            yield start, end
            if end == end_of_text:
                return
            start = self._next_start(end)

    def _end(self, start: int, floor: int) -> int:
        """Return the best cut near the window's limit: the better its kind, the farther back it may lie."""
        limit = self.index.reach(start, self.maximum)
        if limit == len(self.index.text):
            return limit
        kinds = (
            (self.boundaries.headings, 0.70),
            (self.boundaries.paragraphs, 0.85),
            (self.boundaries.sentences, 0.92),
        )
        for cuts, share in kinds:
            low = max(floor, self.index.reach(start, int(self.maximum * share)))
            place = cuts.last(low, limit)
            if place is not None:
                return place
        low = max(floor, self.index.reach_back(limit, max(1, self.overlap)))
        return self.index.last_word_start(low, limit) or limit

    def _next_start(self, end: int) -> int:
        """Return where the window after one that ends at `end` starts: at a sentence near the overlap, else a
        word.
        """
        half = self.index.reach_back(end, self.maximum // 2)
        latest = max(half, min(self.index.reach_back(end, self.overlap), self._words_back(half, end)))
        earliest = max(half, self.index.reach_back(end, self.overlap * 3 // 2))
        sentence = self.boundaries.sentences.last(earliest - 1, latest)
        word = self.index.last_word_start(half - 1, latest)
        return next((place for place in (sentence, word) if place is not None), latest)

    def _words_back(self, half: int, end: int) -> int:
        """Return where the last OVERLAP_WORDS words before `end` start, or `half` if they reach beyond it."""
        starts = [match.start() for match in _WORD.finditer(self.index.text, half, end)]
        return starts[-OVERLAP_WORDS] if len(starts) > OVERLAP_WORDS else half


def to_json(windows: Iterable[Window]) -> list[list[int | str]]:
    """Return one list a window for `json.dumps`: number, char_start, char_end, tokens, heading."""
    return [[w.number, w.char_start, w.char_end, w.tokens, w.heading] for w in windows]


def from_json(rows: Sequence[Sequence[Any]]) -> list[Window]:
    """Read what `to_json` wrote."""
    return [Window(int(row[0]), int(row[1]), int(row[2]), int(row[3]), str(row[4])) for row in rows]
