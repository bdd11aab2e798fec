"""Cuts a document into passages: the units that are searched, embedded and cited."""

from collections.abc import Iterator
from dataclasses import dataclass

from census.domain.boundaries import Boundaries, Cuts
from census.domain.extracted_text import ExtractedText
from census.domain.tokens import TokenIndex

PASSAGING_VERSION = 1
"""Raise it when the same text would be cut differently: stored passages are then made anew."""


@dataclass(frozen=True)
class Passage:
    """One passage; `text` is exactly `extracted.text[char_start:char_end]` and has no white space at its
    ends.

    `ordinal` counts from 0 within the document, `page` from 1; `headings` is the path it starts under.
    """

    ordinal: int
    char_start: int
    char_end: int
    text: str
    tokens: int
    page: int | None
    headings: tuple[str, ...]


def split_passages(
    extracted: ExtractedText, *, target_tokens: int = 400, max_tokens: int = 600, overlap_tokens: int = 60
) -> list[Passage]:
    """Split at headings, else paragraphs, else sentences, else words, else anywhere.

    No passage has more than `max_tokens`; nothing but white space lies outside of all passages; neighbours
    overlap, by at most `overlap_tokens`, only where a paragraph or sentence had to be cut. Raises
    ValueError unless 0 <= 2 * overlap <= target <= max and target >= 8.
    """
    if not (0 <= 2 * overlap_tokens <= target_tokens <= max_tokens and target_tokens >= 8):
        raise ValueError("need 0 <= 2 * overlap_tokens <= target_tokens <= max_tokens and target_tokens >= 8")
    index = TokenIndex(extracted.text)
    splitter = _Splitter(index, Boundaries(extracted, index), target_tokens, max_tokens, overlap_tokens)
    return [_passage(extracted, index, ordinal, *span) for ordinal, span in enumerate(splitter.spans())]


def _passage(extracted: ExtractedText, index: TokenIndex, ordinal: int, start: int, end: int) -> Passage:
    text = extracted.text[start:end].rstrip()
    end = start + len(text)
    tokens = index.count(start, end)
    return Passage(
        ordinal, start, end, text, tokens, extracted.page_at(start), extracted.heading_path_at(start)
    )


@dataclass(frozen=True)
class _Splitter:
    index: TokenIndex
    boundaries: Boundaries
    target: int
    maximum: int
    overlap: int

    def spans(self) -> Iterator[tuple[int, int]]:
        end_of_text = len(self.index.text)
        start = end = self.index.snap(0)
        while end < end_of_text:
            end, unit_was_cut = self._end(start, floor=end)
            yield start, end
            start = self._overlap_start(start, end) if unit_was_cut and end < end_of_text else end

    def _end(self, start: int, floor: int) -> tuple[int, bool]:
        """Return where the passage from `start` ends, beyond `floor`, and whether that cuts a unit."""
        limit = self.index.reach(start, self.maximum)
        aim = self.index.reach(start, self.target)
        heading = self.boundaries.headings.last(max(floor, self.index.reach(start, self.target // 3)), aim)
        if heading is not None:
            return heading, False
        if limit == len(self.index.text):
            return limit, False
        low = max(floor, self.index.reach(start, self.target // 2))
        paragraph = _nearest(self.boundaries.paragraphs, low, aim, limit)
        if paragraph is not None:
            return paragraph, False
        sentence = _nearest(self.boundaries.sentences, low, aim, limit)
        return sentence or self.index.last_word_start(floor, limit) or limit, True

    def _overlap_start(self, start: int, end: int) -> int:
        """Return where the next passage starts so that it repeats the end of this one, by whole sentences if
        it can.
        """
        earliest = max(start + 1, self.index.reach_back(end, self.overlap))
        sentence = self.boundaries.sentences.first_since(earliest, end)
        word = self.index.first_word_start(earliest, end)
        return next((place for place in (sentence, word) if place is not None), self.index.snap(earliest))


def _nearest(cuts: Cuts, low: int, aim: int, limit: int) -> int | None:
    """Return the last cut in (low, aim], else the first in (aim, limit]."""
    last = cuts.last(low, aim)
    return last if last is not None else cuts.first(aim, limit)
