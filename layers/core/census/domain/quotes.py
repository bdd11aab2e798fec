"""Finding a model's quote in its source.

Models change case, white space, quotation marks and hyphens when they quote. These differences are folded
away; what is left must be the same, and the offsets are those of the untouched source.
"""

import unicodedata
from bisect import bisect_left
from functools import cached_property

_SINGLE_QUOTES = "‘’‚‛′`´"
_DOUBLE_QUOTES = "“”„‟″«»"
_HYPHENS = "‐‑‒–—―−"
_INVISIBLE = "\u00ad\u200b\u200c\u200d\ufeff"
_FOLDED = {
    **dict.fromkeys(_SINGLE_QUOTES, "'"),
    **dict.fromkeys(_DOUBLE_QUOTES, '"'),
    **dict.fromkeys(_HYPHENS, "-"),
    **dict.fromkeys(_INVISIBLE, ""),
}


class FoldedText:
    """A text prepared for finding quotes in it; make one a window, ask it for many quotes."""

    def __init__(self, text: str) -> None:
        self.text = text

    @cached_property
    def _folded(self) -> tuple[str, list[int]]:
        folded: list[str] = []
        places: list[int] = []
        for place, character in enumerate(self.text):
            piece = _fold(character)
            if piece == " " and (not folded or folded[-1] == " "):
                continue
            folded.extend(piece)
            places.extend([place] * len(piece))
        return "".join(folded), places

    def locate(self, quote: str, start: int = 0) -> tuple[int, int] | None:
        """The first place at or after `start` where the quote stands, as [start, end) of the text; or None.

        The span found is the source's own wording: `text[start:end]` may differ from the quote in case,
        white space, quotation marks and hyphens, in invisible characters and in how a character is composed
        (`ﬁ` or `fi`, `é` as one code point or two), and in nothing else.
        """
        exact = self.text.find(quote, start) if quote.strip() else -1
        if exact >= 0:
            return exact, exact + len(quote)
        wanted = fold(quote)
        folded, places = self._folded
        found = folded.find(wanted, bisect_left(places, start)) if wanted else -1
        while found >= 0 and self._splits_a_character(found, found + len(wanted)):
            found = folded.find(wanted, found + 1)
        if found < 0:
            return None
        return places[found], places[found + len(wanted) - 1] + 1

    def _splits_a_character(self, start: int, end: int) -> bool:
        """Whether one character's folding (`ß` is `ss`) lies only partly in [start, end)."""
        places = self._folded[1]
        return any(0 < i < len(places) and places[i - 1] == places[i] for i in (start, end))


def fold(text: str) -> str:
    """The text as quotes are compared: without the differences that `FoldedText.locate` allows."""
    return FoldedText(text)._folded[0].strip(" ")


def _fold(character: str) -> str:
    if character.isspace():
        return " "
    plain = _FOLDED.get(character)
    if plain is not None:
        return plain
    if character.isascii():
        return character.lower()
    # Spaces that a decomposition brings (`¨` is a space and a mark) are no white space of the text.
    parts = unicodedata.normalize("NFKD", character).casefold()
    return "".join(_FOLDED.get(part, part) for part in parts if not part.isspace())


def locate_quote(text: str, quote: str) -> tuple[int, int] | None:
    """Where a quote stands in a text, as [start, end); None when it does not. See FoldedText.locate."""
    return FoldedText(text).locate(quote)
