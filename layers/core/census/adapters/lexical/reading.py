"""Decides an atom in a window, by its term, its fields or the words of its statement."""

from collections.abc import Iterable, Iterator
from itertools import islice

from census.adapters.lexical.extraction import MOST_VALUES, field_values
from census.adapters.lexical.page import Page
from census.adapters.lexical.words import ABOUT_THE_TEXT, content_stems
from census.domain.plan import Atom
from census.ports.language_model import ReadAtom, ReadStatus

MOST_QUOTES = 5
EVERY_PLACE = "Every place counts."
"""In an atom's rubric: quote each sentence and value, not only the first, as they will be counted."""
MOST_PLACES = 500
"""Of a window, which holds 6,000 tokens: more sentences than can hold a term."""


def read_atom(atom: Atom, page: Page) -> ReadAtom:
    """A match where the term occurs; without a term, where a field has a value; without both, where one
    sentence holds all content words of the statement, by their stems. Never unclear: rules do not doubt."""
    if atom.term is not None:
        hits = page.folded.occurrences(atom.term)
        quotes = _first_quotes(atom, (page.sentences.around(*hit) for hit in hits))
    elif atom.fields:
        return _read_fields(atom, page)
    else:
        quotes = _first_quotes(atom, _sentences_saying(atom.statement, page))
    if not quotes:
        return ReadAtom(ReadStatus.NO_MATCH)
    return ReadAtom(ReadStatus.MATCH, quotes, _read_fields(atom, page).values)


def _read_fields(atom: Atom, page: Page) -> ReadAtom:
    most = MOST_PLACES if EVERY_PLACE in atom.include else MOST_VALUES
    values = tuple(value for field in atom.fields for value in field_values(field, page, most))
    if not values:
        return ReadAtom(ReadStatus.NO_MATCH)
    return ReadAtom(ReadStatus.MATCH, _first_quotes(atom, (value.quote for value in values)), values)


def _first_quotes(atom: Atom, quotes: Iterable[str]) -> tuple[str, ...]:
    most = MOST_PLACES if EVERY_PLACE in atom.include else MOST_QUOTES
    return tuple(islice(_unique(quotes), most))


def _unique(quotes: Iterable[str]) -> Iterator[str]:
    seen: set[str] = set()
    for quote in quotes:
        if quote not in seen:
            seen.add(quote)
            yield quote


def _sentences_saying(statement: str, page: Page) -> Iterator[str]:
    wanted = statement_stems(statement)
    if not wanted:
        return
    for start, end, stems in page.sentence_stems:
        if wanted <= stems:
            yield page.sentences.quote(start, end, *page.first_word(start, end, wanted))


def statement_stems(statement: str) -> frozenset[str]:
    """The stems a sentence must hold to say this: content words without those about the document itself."""
    return frozenset(content_stems(statement)) - frozenset(content_stems(ABOUT_THE_TEXT))
