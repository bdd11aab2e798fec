"""The engine's own pure functions: group keys, cells, readings as JSON, checked replies."""

import csv
import io
import json
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from census.adapters.rapidfuzz_quote_aligner import RapidfuzzQuoteAligner
from census.application.check_reading import WindowSource, check_reading
from census.application.list_rows import safe_cell
from census.domain.grouping import group_of
from census.domain.page_numbers import page_at
from census.domain.plan import Atom, AtomField, FieldRef, FieldType, GroupBy, Kind, Plan, Transform
from census.domain.quotes import FoldedText
from census.domain.readings import reading_from_json, reading_to_json
from census.domain.verdicts import AtomReading, AtomStatus, FoundValue, LocatedQuote, QuoteCheck
from census.ports.language_model import ReadAtom, ReadStatus, ReadValue

QUOTE = LocatedQuote(0, 1, "x", QuoteCheck.EXACT)
ATOM = Atom("a", "s", fields=tuple(AtomField(kind.value, kind) for kind in FieldType))
claims = st.text(max_size=30) | st.sampled_from(
    ["2020-01-01", "$5", "17", "\x00", "\ud800", "Some words of it"]
)
read_values = st.builds(
    ReadValue, st.sampled_from([*FieldType, "unknown"]).map(str), claims, st.none() | claims, claims
)
read_atoms = st.builds(
    ReadAtom,
    st.sampled_from(ReadStatus),
    st.lists(claims, max_size=4).map(tuple),
    st.lists(read_values, max_size=4).map(tuple),
)


@pytest.mark.parametrize(
    ("value", "unit", "transform", "key"),
    [
        ("2020-06-01", None, Transform.YEAR, "2020"),
        ("2020-06-01", None, Transform.MONTH, "2020-06"),
        ("2020", None, Transform.MONTH, None),
        ("Delaware", None, Transform.VALUE, "Delaware"),
        ("100", "USD", Transform.VALUE, "100 USD"),
    ],
)
def test_a_group_is_the_value_its_year_or_its_month(
    value: str, unit: str | None, transform: Transform, key: str | None
) -> None:
    plan = Plan(Kind.GROUP_COUNT, "p", (ATOM,), None, GroupBy(FieldRef("a", "f"), transform))
    group = group_of(plan, FoundValue("f", value, unit, QUOTE))
    assert (group.label if group else None) == key


def test_what_has_no_value_has_no_group() -> None:
    plan = Plan(Kind.GROUP_COUNT, "p", (ATOM,), None, GroupBy(FieldRef("a", "f")))
    assert group_of(plan, None) is None
    assert group_of(Plan(Kind.COUNT, "p", (ATOM,)), FoundValue("f", "x", None, QUOTE)) is None


@given(
    st.text(max_size=20)
    | st.sampled_from("=+-@\t\r\n＝＋－＠").flatmap(lambda c: st.text(max_size=9).map(c.__add__))
)
def test_no_cell_is_a_formula_and_its_words_stay(text: str) -> None:
    cell = safe_cell(text)
    assert cell.endswith(text)
    assert not cell or cell[0] not in "=+-@\t\r\n＝＋－＠"
    file = io.StringIO(newline="")
    csv.writer(file).writerow([cell, "x"])
    file.seek(0)
    assert next(csv.reader(file)) == [cell, "x"] or "\x00" in text


@given(st.text(string.printable, max_size=60), read_atoms)
def test_whatever_a_model_claims_becomes_data_of_the_shape_that_was_asked_for(
    text: str, claimed: ReadAtom
) -> None:
    source = WindowSource(FoldedText(text), 1000)
    reading = check_reading(ATOM, claimed, source, RapidfuzzQuoteAligner())
    for value in reading.values:
        assert ATOM.field_named(value.field) is not None
    for quote in (*reading.quotes, *(value.quote for value in reading.values)):
        if quote.check is QuoteCheck.UNVERIFIED:
            assert (quote.start, quote.end) == (-1, -1)
        else:
            assert text[quote.start - 1000 : quote.end - 1000] == quote.text
    verified = any(
        quote.check is not QuoteCheck.UNVERIFIED
        for quote in (*reading.quotes, *(value.quote for value in reading.values))
    )
    assert reading.status is not AtomStatus.MATCH or verified
    stored = json.dumps(reading_to_json(reading), ensure_ascii=False)
    assert stored.encode()
    assert "\\u0000" not in stored
    assert reading_from_json(json.loads(stored)) == reading


@given(st.lists(st.integers(0, 1000), min_size=1, max_size=9, unique=True).map(sorted), st.integers(0, 1200))
def test_a_place_is_on_the_last_page_that_starts_at_or_before_it(starts: list[int], place: int) -> None:
    page = page_at(starts, place)
    assert page == max([number for number, start in enumerate(starts, 1) if start <= place], default=1)
    assert page_at([], place) is None


def test_a_reading_comes_back_as_it_was_kept() -> None:
    reading = AtomReading(AtomStatus.MATCH, (QUOTE,), (FoundValue("f", "1", "USD", QUOTE),))
    assert reading_from_json(json.loads(json.dumps(reading_to_json(reading)))) == reading
