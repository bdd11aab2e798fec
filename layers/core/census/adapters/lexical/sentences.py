"""Sentences of a text by their places, so that a quote is always the text's own characters."""

import re
from bisect import bisect_right
from functools import cached_property
from itertools import pairwise

MAX_QUOTE = 300

# A break is looked for at ends of sentences and of lines only, which keeps the search fast.
_BREAK = re.compile(
    r"[.!?\n](?:"
    r"(?<=\n)(?:[^\S\n]*\n|(?=[^\S\n]*(?:[-*•#|>]|\d{1,2}[.)]\s|\(\w{1,3}\)\s"
    r"|[*_]{0,2}\w[\w /-]{0,30}[*_]{0,2}:\s)))"
    r"|(?<!\n)[\"”’')\]]{0,2}\s+(?=[\"“‘'(\[]?[A-Z\d])"
    r")"
)
_ABBREVIATION = re.compile(
    r"(?:\b(?:Inc|Corp|Ltd|Co|No|Nos|Mr|Mrs|Ms|Dr|Jr|Sr|St|Art|Sec|vs|etc|cf|al|approx|Jan|Feb|Mar|Apr|Jun"
    r"|Jul|Aug|Sept?|Oct|Nov|Dec|[A-Za-z])|[A-Za-z]\.[A-Za-z])\Z"
)


class Sentences:
    """The sentences of a text. Blank lines, list items and `Key: value` lines end one; line ends do not."""

    def __init__(self, text: str) -> None:
        self.text = text

    @cached_property
    def spans(self) -> list[tuple[int, int]]:
        """The places [start, end) of all sentences, without outer white space, in order."""
        cuts = [0, *(hit.end() for hit in _BREAK.finditer(self.text) if self._ends(hit)), len(self.text)]
        stripped = (self._stripped(start, end) for start, end in pairwise(cuts))
        return [(start, end) for start, end in stripped if start < end]

    def _ends(self, hit: re.Match[str]) -> bool:
        start = hit.start()
        if self.text[start] != ".":
            return True
        return _ABBREVIATION.search(self.text, max(0, start - 8), start) is None

    def _stripped(self, start: int, end: int) -> tuple[int, int]:
        piece = self.text[start:end]
        start += len(piece) - len(piece.lstrip())
        return start, max(start, start + len(piece.strip()))

    @cached_property
    def _starts(self) -> list[int]:
        return [start for start, _ in self.spans]

    def span_of(self, start: int, end: int) -> tuple[int, int]:
        """The place of the sentence that holds [start, end), stretched where a hit runs over its end."""
        index = bisect_right(self._starts, start) - 1
        left, right = self.spans[index] if index >= 0 else (start, end)
        return min(left, start), max(right, end)

    def around(self, start: int, end: int) -> str:
        """The sentence that holds [start, end), verbatim; of a long one, the words around that place."""
        return self.quote(*self.span_of(start, end), start, end)

    def line_around(self, start: int, end: int) -> str:
        """The line or lines that hold [start, end), verbatim; of a long one, the words around that place."""
        left = self.text.rfind("\n", 0, start) + 1
        right = self.text.find("\n", end)
        left, right = self._stripped(left, len(self.text) if right < 0 else right)
        return self.quote(min(left, start), max(right, end), start, end)

    def quote(self, left: int, right: int, start: int, end: int) -> str:
        """text[left:right], cut at word borders to at most MAX_QUOTE characters around [start, end)."""
        if right - left <= MAX_QUOTE:
            return self.text[left:right]
        room = max(0, MAX_QUOTE - (end - start))
        cut_left = max(left, min(start - room // 2, right - MAX_QUOTE))
        cut_right = min(right, max(end, cut_left + MAX_QUOTE))
        return self._at_words(cut_left, cut_right, left, right, start, end)

    def _at_words(self, cut_left: int, cut_right: int, left: int, right: int, start: int, end: int) -> str:
        if cut_left > left and not self.text[cut_left - 1].isspace():
            gap = re.compile(r"\s").search(self.text, cut_left, start)
            cut_left = gap.end() if gap else start
        if cut_right < right and not self.text[cut_right].isspace():
            trailing = re.compile(r"\s\S*\Z").search(self.text, end, cut_right)
            cut_right = trailing.start() if trailing else end
        return self.text[cut_left:cut_right].strip()
