"""Where a text may be cut: before headings, paragraphs and sentences, in that order of preference."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable

from census.domain.extracted_text import ExtractedText
from census.domain.tokens import TokenIndex

_PARAGRAPH = re.compile(r"\n\s*\n\s*")
# An initial ("J. Smith", "U.S. law") ends no sentence; neither does a stop before a small letter.
_SENTENCE = re.compile(
    "(?<![\\s.][A-Z])[.!?\u2026][\"'\u201d\u2019)\\]]*\\s+(?=[^\\sa-z])"
    "|[\u3002\uff01\uff1f][\u300d\u300f\uff09\"']*\\s*"
    "|[:;]\\s*\n\\s*"
)
_ENDS_PARAGRAPH = frozenset(".!?:;\"'\u201d\u2019)\u3002\uff01\uff1f")


class Cuts:
    """Ascending offsets at which one kind of unit starts."""

    def __init__(self, offsets: Iterable[int]) -> None:
        self._offsets = sorted(set(offsets))

    def last(self, after: int, until: int) -> int | None:
        """Return the last cut in (after, until]; None if there is none."""
        index = bisect_right(self._offsets, until) - 1
        return self._offsets[index] if index >= 0 and self._offsets[index] > after else None

    def first(self, after: int, until: int) -> int | None:
        """Return the first cut in (after, until]; None if there is none."""
        index = bisect_right(self._offsets, after)
        return self._offsets[index] if index < len(self._offsets) and self._offsets[index] <= until else None

    def first_since(self, since: int, before: int) -> int | None:
        """Return the first cut in [since, before); None if there is none."""
        index = bisect_left(self._offsets, since)
        return self._offsets[index] if index < len(self._offsets) and self._offsets[index] < before else None


class Boundaries:
    """The cuts of one document; each is the start of a token, so that counts on both sides add up."""

    def __init__(self, extracted: ExtractedText, index: TokenIndex) -> None:
        text = extracted.text
        self.headings = Cuts(index.snap(heading.offset) for heading in extracted.headings)
        inside = {index.snap(page) for page in _pages_inside_paragraphs(extracted)}
        ends = (match.end() for match in _PARAGRAPH.finditer(text))
        paragraphs = [place for place in ends if place not in inside]
        self.paragraphs = Cuts(paragraphs)
        self.sentences = Cuts([*paragraphs, *(match.end() for match in _SENTENCE.finditer(text))])


def _pages_inside_paragraphs(extracted: ExtractedText) -> Iterable[int]:
    """Yield the page starts that a paragraph runs across: the page before does not end like one."""
    text = extracted.text
    for start in extracted.page_starts[1:]:
        before = text[max(0, start - 20) : start].rstrip()
        if before and before[-1] not in _ENDS_PARAGRAPH:
            yield start
