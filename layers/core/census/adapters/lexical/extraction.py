"""Typed values of a window: from `Label: value` lines, from sentences that name the label, or the first."""

import re
from collections.abc import Callable, Iterator
from itertools import islice

from census.adapters.lexical.keywords import KEYWORD, MOST_KEYWORDS, keywords
from census.adapters.lexical.page import Page
from census.domain.plan import AtomField, FieldType, Term
from census.domain.values import FoundAmount, find_amounts, find_dates, find_numbers, plain
from census.ports.language_model import ReadValue

MOST_VALUES = 3
"""Values a field and window: the first is used, the others stay visible."""
_MOST_MENTIONS = 20
_REACH = 200  # a label stands at the start of its line, or in a column not far from it
_GENERIC_AMOUNTS = frozenset(
    {"amount", "value", "price", "cost", "total", "sum", "fee", "money", "total amount", "total value"}
)

_BEFORE_LABEL = re.compile(r"(?:^|\s{2,}|[|\t])[ \t]*(?:[-*•>#]+[ \t]+)?[*_]{0,2}\Z")
_SAME_LINE = re.compile(r"[*_]{0,2}[ \t]*[:：=][*_]{0,2}[ \t]*(?P<value>[^\n|\t]*[^\s|*_])")
_NEXT_LINE = re.compile(
    r"[*_]{0,2}[ \t]*(?::[*_]{0,2}[ \t]*\n?)?\n[ \t]*(?P<value>[^\n|:]{0,58}[^\s|:])[ \t]*(?=\n|\Z)"
)
# A row of two cells, and not the head of a table (which a line of dashes follows).
_SECOND_CELL = re.compile(
    r"[*_]{0,2}[ \t]*(?:\||\t)[ \t|]*(?P<value>[^\n|\t]*[^\s|])[ \t]*\|?[ \t]*(?=\n|\Z)"
    r"(?!\n[ \t]*\|?[ \t]*:?-{2})"
)
_ROW_START = re.compile(r"^[ \t|*_]*\Z")

Place = tuple[int, int]
Found = tuple[int, int, str, str | None]
"""Start, end, canonical value, currency."""


def field_values(field: AtomField, page: Page, most: int = MOST_VALUES) -> tuple[ReadValue, ...]:
    """The field's values in the order they count, each with a verbatim quote: of labelled ones so many.

    With a label: `Label: value` lines, else sentences that name the label. A date, an amount without a name
    of its own and a field without a label fall back to the first in the text, keywords to the words that
    stand most often; others have no value then.
    """
    label = field.label or (field.name.replace("_", " ") if field.type is FieldType.TEXT else None)
    found: list[ReadValue] = []
    if label:
        found = _take(field, _from_lines(field.type, label, page), page.sentences.line_around, most)
    if label and not found and field.type is not FieldType.TEXT:
        found = _take(field, _from_sentences(field.type, label, page), page.sentences.around)
    if label == KEYWORD and not found and field.type is FieldType.TEXT:
        found = _take(field, _keywords(page), page.sentences.around, MOST_KEYWORDS)
    if not found and _may_take_first(field):
        found = _take(field, _typed(field.type, page.text, 0, len(page.text)), page.sentences.around)
    return tuple(found)


def _may_take_first(field: AtomField) -> bool:
    if field.label is None:
        return field.type is not FieldType.TEXT
    generic = field.type is FieldType.MONEY and field.label.lower() in _GENERIC_AMOUNTS
    return field.type is FieldType.DATE or generic


def _keywords(page: Page) -> Iterator[Found]:
    for start, end, word in keywords(page):
        yield start, end, word, None


def _take(
    field: AtomField, found: Iterator[Found], quote: Callable[[int, int], str], most: int = MOST_VALUES
) -> list[ReadValue]:
    return [
        ReadValue(field.name, value, unit, quote(start, end))
        for start, end, value, unit in islice(found, most)
    ]


def _from_lines(kind: FieldType, label: str, page: Page) -> Iterator[Found]:
    for start, end in _labelled_places(label, page, is_date=kind is FieldType.DATE):
        if kind is FieldType.TEXT:
            yield start, end, page.text[start:end][:200], None
        else:
            # One line states one value; an amount needs no currency where the label says what it is.
            yield from islice(_typed(kind, page.text, start, end, labelled=True), 1)


def _from_sentences(kind: FieldType, label: str, page: Page) -> Iterator[Found]:
    for start, end in islice(page.folded.occurrences(Term(label)), _MOST_MENTIONS):
        left, right = page.sentences.span_of(start, end)
        after = list(islice(_typed(kind, page.text, end, right), 1))
        yield from after or list(_typed(kind, page.text, left, start))[-1:]


def _labelled_places(label: str, page: Page, *, is_date: bool) -> Iterator[Place]:
    names = [label]
    if is_date and label.lower().endswith(" date"):
        names.append(label[: -len(" date")])  # "Effective: June 1, 2020" states the effective date
    for name in names:
        places = [
            place
            for start, end in page.folded.occurrences(Term(name))
            if (place := _value_place(page.text, start, end)) is not None
        ]
        if places:
            yield from places
            return


def _value_place(text: str, start: int, end: int) -> Place | None:
    line = text.rfind("\n", max(0, start - _REACH), start) + 1
    if (line == 0 and start > _REACH) or not _BEFORE_LABEL.search(text[line:start]):
        return None
    hit = _SAME_LINE.match(text, end)
    if hit is None and _ROW_START.match(text[line:start]):
        hit = _SECOND_CELL.match(text, end) or _NEXT_LINE.match(text, end)
    return hit.span("value") if hit else None


def _typed(kind: FieldType, text: str, start: int, end: int, *, labelled: bool = False) -> Iterator[Found]:
    piece = text if (start, end) == (0, len(text)) else text[start:end]
    if kind is FieldType.DATE:
        for day in find_dates(piece):
            yield start + day.start, start + day.end, day.iso, None
    else:
        for amount in _amounts(kind, piece, labelled=labelled):
            yield start + amount.start, start + amount.end, plain(amount.value), amount.currency


def _amounts(kind: FieldType, piece: str, *, labelled: bool) -> Iterator[FoundAmount]:
    if kind is FieldType.NUMBER:
        yield from find_numbers(piece)
        return
    first = next(found := find_amounts(piece), None)
    if first is not None:
        yield first
        yield from found
    elif labelled:
        yield from find_numbers(piece)
