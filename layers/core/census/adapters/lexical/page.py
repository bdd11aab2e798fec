"""A window's text made ready to be read for many atoms: everything costly is done once, and only if asked."""

from collections.abc import Container
from functools import cached_property

from census.adapters.lexical.sentences import Sentences
from census.adapters.lexical.terms import FoldedText
from census.adapters.lexical.words import WORD, content_stems, stem


class Page:
    """A text with its folded form, its sentences and their stems."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.sentences = Sentences(text)

    @cached_property
    def folded(self) -> FoldedText:
        """The text for term searches."""
        return FoldedText(self.text)

    @cached_property
    def sentence_stems(self) -> list[tuple[int, int, frozenset[str]]]:
        """Each sentence's place [start, end) and the stems of its content words."""
        return [
            (start, end, frozenset(content_stems(self.text[start:end])))
            for start, end in self.sentences.spans
        ]

    def first_word(self, start: int, end: int, stems: Container[str]) -> tuple[int, int]:
        """The place of the first word in [start, end) with one of these stems; an empty place without one."""
        words = WORD.finditer(self.text, start, end)
        return next((word.span() for word in words if stem(word[0].lower()) in stems), (start, start))
