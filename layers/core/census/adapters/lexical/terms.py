"""Where a term stands in a text: whole words, case folded, nothing derived but singular and plural."""

import re
from collections.abc import Iterator
from functools import lru_cache

from census.adapters.lexical.words import number_forms
from census.domain.plan import Term

_FOLDED = {
    "'": "['’‘]",
    "’": "['’‘]",
    "‘": "['’‘]",
    "-": "[-‐‑–]",
    "‐": "[-‐‑–]",
    "‑": "[-‐‑–]",
    "–": "[-‐‑–]",
}


class FoldedText:
    """A text made ready for many terms: folded once, with offsets that stay those of the text."""

    def __init__(self, text: str) -> None:
        self.text = text
        lowered = text.lower()
        # A few letters grow when lowered (İ); then offsets would drift, and the pattern has to fold instead.
        self.drifts = len(lowered) != len(text)
        self.folded = text if self.drifts else lowered

    def occurrences(self, term: Term) -> Iterator[tuple[int, int]]:
        """The places [start, end) of the term, in order, none overlapping."""
        patterns = _patterns(term.text, term.exact)
        if patterns is None:
            return
        pattern = patterns[self.drifts]
        hit = pattern.search(self.folded)
        while hit is not None:
            whole = not _is_word(self.folded[hit.start() - 1 : hit.start()])
            if whole:
                yield hit.span()
            hit = pattern.search(self.folded, hit.end() if whole else hit.start() + 1)


def _is_word(character: str) -> bool:
    return character.isalnum() or character == "_"


@lru_cache(maxsize=1024)
def _patterns(text: str, exact: bool) -> tuple[re.Pattern[str], re.Pattern[str]] | None:
    """For lowered text and for any text. The left word border is checked after the hit: a pattern that
    begins with plain letters is searched several times faster."""
    words = text.lower().split()
    if not words:
        return None
    last = (words[-1],) if exact else number_forms(words[-1])
    head = "".join(f"{_folding(word)}\\s+" for word in words[:-1])
    pattern = f"{head}{_one_of(last)}(?!\\w)"
    return re.compile(pattern), re.compile(pattern, re.IGNORECASE)


def _one_of(forms: tuple[str, ...]) -> str:
    shared = _shared_start(forms)
    tails = sorted((_folding(form[len(shared) :]) for form in forms), key=len, reverse=True)
    return _folding(shared) + (f"(?:{'|'.join(tails)})" if len(forms) > 1 else tails[0])


def _shared_start(forms: tuple[str, ...]) -> str:
    shortest = min(forms, key=len)
    length = next((i for i, c in enumerate(shortest) if any(f[i] != c for f in forms)), len(shortest))
    return shortest[:length]


def _folding(word: str) -> str:
    return "".join(_FOLDED.get(character) or re.escape(character) for character in word)
