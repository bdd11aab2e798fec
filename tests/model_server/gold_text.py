"""Finding a window in the contracts, and a gold quote in a window, whatever was done to white space.

Texts are compared *squeezed*: letters and digits only, case folded, with the way back to the original's
offsets. A contract as PDF and as text file differ in white space, hyphens, page numbers and stray characters.
"""

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from rapidfuzz import fuzz

SHINGLE = 24
STRIDE = 8
FEWEST_HITS = 2
EDGE = 40
MARGIN = 400


@dataclass(frozen=True)
class Squeezed:
    """A text, its letters and digits, and for each of those its offset in the text."""

    text: str
    letters: str
    offsets: tuple[int, ...]

    @classmethod
    def of(cls, text: str) -> "Squeezed":
        """Squeeze a text."""
        letters: list[str] = []
        offsets: list[int] = []
        for offset, character in enumerate(text):
            folded = unicodedata.normalize("NFKD", character).casefold()
            kept = [c for c in folded if c.isalnum()]
            letters += kept
            offsets += [offset] * len(kept)
        return cls(text, "".join(letters), tuple(offsets))

    def verbatim(self, start: int, end: int) -> str:
        """The original's text of the letters [start, end), widened to whole words."""
        first, last = self.offsets[start], self.offsets[end - 1] + 1
        while first > 0 and not self.text[first - 1].isspace():
            first -= 1
        while last < len(self.text) and not self.text[last].isspace():
            last += 1
        return self.text[first:last]

    def find(self, quote: str) -> tuple[int, int] | None:
        """Where the letters of a quote stand exactly, or None."""
        wanted = Squeezed.of(quote).letters
        place = self.letters.find(wanted) if wanted else -1
        return None if place < 0 else (place, place + len(wanted))

    def nearest(self, quote: str) -> tuple[int, int] | None:
        """Where the letters most like the quote's stand, exact ones first; None if either has none."""
        exact = self.find(quote)
        if exact is not None:
            return exact
        parts = [part for part in quote.split("<omitted>") if part.strip()]
        wanted = Squeezed.of(max(parts, key=len, default="")).letters
        if not wanted or not self.letters:
            return None
        found = fuzz.partial_ratio_alignment(wanted, self.letters)
        if found is None or found.dest_end <= found.dest_start:
            return None
        return found.dest_start, found.dest_end


@dataclass(frozen=True)
class Place:
    """A window's place: contract and the range of squeezed letters it covers there."""

    contract: str
    start: int
    end: int


class ContractIndex:
    """Contracts by short runs of letters; a window is recognised by the runs it shares with one of them."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        self._texts = texts

    @cached_property
    def contracts(self) -> dict[str, Squeezed]:
        """The squeezed contracts by name."""
        return {name: Squeezed.of(text) for name, text in self._texts.items()}

    @cached_property
    def _runs(self) -> dict[str, list[tuple[str, int]]]:
        runs: dict[str, list[tuple[str, int]]] = defaultdict(list)
        for name, contract in self.contracts.items():
            for start in range(0, len(contract.letters) - SHINGLE + 1, STRIDE):
                runs[contract.letters[start : start + SHINGLE]].append((name, start))
        return runs

    def place(self, window: Squeezed) -> Place | None:
        """Where the window comes from; None if it is of no contract."""
        hits: dict[str, list[tuple[int, int]]] = defaultdict(list)
        for position in range(len(window.letters) - SHINGLE + 1):
            for name, start in self._runs.get(window.letters[position : position + SHINGLE], ()):
                hits[name].append((position, start))
        best = max(sorted(hits), key=lambda name: len(hits[name]), default=None)
        if best is None or len(hits[best]) < FEWEST_HITS:
            return None
        return self._range(best, hits[best], len(window.letters))

    def _range(self, name: str, hits: Iterable[tuple[int, int]], length: int) -> Place:
        """From the hits on the way that most of them follow; a repeated page head leads elsewhere."""
        shifts = Counter(round((start - position) / MARGIN) for position, start in hits)
        usual = shifts.most_common(1)[0][0]
        straight = [(p, s) for p, s in hits if abs(round((s - p) / MARGIN) - usual) <= 3]
        first, last = min(straight), max(straight)
        whole = len(self.contracts[name].letters)
        start, end = first[1] - first[0] - EDGE, last[1] + length - last[0] + EDGE
        return Place(name, 0 if start < MARGIN else start, whole if end > whole - MARGIN else end)


def words_in(text: str) -> str:
    """Lower case, letters and digits and single spaces, to recognise a name in a sentence."""
    return " ".join(re.findall(r"[a-z0-9]+", text.lower()))
