"""Tables and words: every figure comes from SQL's rows or from the ledger."""

import re
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from census.domain.answers import Table, answer_text, group_label, make_table, order_of
from census.domain.ledger import Bounds, Ledger, LedgerClass, count_bounds, make_ledger
from census.domain.plan import Atom, AtomField, AtomRef, FieldRef, FieldType, GroupBy, Kind, Plan, Transform

ATOM = Atom("a", "s", fields=(AtomField("date", FieldType.DATE), AtomField("fee", FieldType.MONEY)))
numbers = st.decimals(allow_nan=False, allow_infinity=False, places=4, min_value=-(10**30), max_value=10**30)
ledgers = st.fixed_dictionaries({name.value: st.integers(0, 9999) for name in LedgerClass}).map(
    lambda counts: make_ledger(sum(counts.values()), counts)
)


def plan(kind: Kind, transform: Transform = Transform.VALUE, order: str = "default") -> Plan:
    group = GroupBy(FieldRef("a", "date"), transform)
    measure = FieldRef("a", "fee") if kind.measures else None
    return Plan(kind, "it fits", (ATOM,), AtomRef("a"), None if kind.measures else group, measure, order)


def rows_for(kind: Kind, ledger: Ledger) -> st.SearchStrategy[list[list[Any]]]:
    names = st.text("abc", min_size=1, max_size=5)
    documents = st.integers(0, 9999)
    if kind in (Kind.COUNT, Kind.SUMMARY):
        return st.just([[ledger.match]])
    if kind is Kind.LIST:
        return st.lists(st.tuples(names).map(list), max_size=min(15, ledger.match))
    if kind.measures:
        return st.lists(
            st.tuples(st.sampled_from(["USD", "EUR", ""]), numbers, documents).map(list), max_size=3
        )
    if kind is Kind.COMPARE:
        percents = st.none() | st.just("33.3")
        return st.lists(st.tuples(names, documents, documents, percents).map(list), max_size=15)
    if kind is Kind.THEMES:
        return st.lists(st.tuples(names, documents, documents).map(list), max_size=15)
    return st.lists(st.tuples(names, documents).map(list), max_size=15)


@given(st.data(), ledgers, st.sampled_from(Kind), st.sampled_from(["lexical", "gpt"]))
def test_every_figure_in_the_text_is_in_the_table_the_ledger_or_the_bounds(
    data: st.DataObject, ledger: Ledger, kind: Kind, model: str
) -> None:
    asked = plan(kind)
    table = make_table(asked, data.draw(rows_for(kind, ledger)))
    bounds = count_bounds(ledger, 0) if kind.counts else None
    figures = set(re.findall(r"-?\d+(?:\.\d+)?", answer_text(asked, ledger, bounds, table, model)))
    known = {str(cell) for row in table.rows for cell in row} | {str(n) for n in ledger.to_json().values()}
    known |= {str(bounds.low), str(bounds.high)} if bounds else set()
    left_out = {str(ledger.match - 10), str(ledger.match - len(table.rows)), str(len(table.rows) - 10)}
    assert figures <= known | left_out


@given(st.sampled_from([Kind.SUM, Kind.MIN, Kind.MAX]), numbers)
def test_a_figure_loses_no_digit(kind: Kind, figure: Decimal) -> None:
    ((_, shown, _),) = make_table(plan(kind), [["USD", figure, 1]]).rows
    assert Decimal(shown) == figure
    assert re.fullmatch(r"-?\d+(\.\d{2,})?", shown)


@pytest.mark.parametrize(
    ("figure", "shown"),
    [
        ("2.005", "2"),
        ("10", "10"),
        ("1200.5", "1200.50"),
        ("0.3333333333", "0.333333"),
        ("1" * 40 + ".567", "1" * 40 + ".57"),
    ],
)
def test_only_an_average_is_rounded(figure: str, shown: str) -> None:
    assert make_table(plan(Kind.AVG), [["", Decimal(figure), 1]]).rows[0][1] == shown


def test_an_answer_names_what_it_could_not_decide() -> None:
    ledger = Ledger(10, match=3, no_match=2, unclear=1, unverified=1, failed=2, skipped=1)
    said = answer_text(plan(Kind.COUNT), ledger, Bounds(3, 8), Table(("documents",), ((3,),)), "gpt")
    assert said == (
        "3 of 10 documents match: it fits. The true number lies between 3 and 8. "
        "Documents without a sure verdict: 1 unclear, "
        "1 with a quote that could not be verified, 2 that could not be read, 1 skipped."
    )


def test_the_rules_say_that_they_are_rules() -> None:
    ledger = Ledger(1, match=1)
    said = answer_text(plan(Kind.COUNT), ledger, None, Table(("documents",), ((1,),)), "lexical")
    assert "rule-based" in said


def test_no_value_at_all_is_said_in_words() -> None:
    said = answer_text(plan(Kind.SUM), Ledger(1, match=1), None, make_table(plan(Kind.SUM), []), "gpt")
    assert said == "No document that matches (it fits) has a value for fee."


@pytest.mark.parametrize(
    ("kind", "transform", "order", "found"),
    [
        (Kind.GROUP_COUNT, Transform.YEAR, "default", "name"),
        (Kind.GROUP_COUNT, Transform.VALUE, "default", "count"),
        (Kind.TOP_K, Transform.YEAR, "default", "count"),
        (Kind.GROUP_COUNT, Transform.YEAR, "count", "count"),
    ],
)
def test_time_orders_by_time_and_the_rest_by_frequency(
    kind: Kind, transform: Transform, order: str, found: str
) -> None:
    assert order_of(plan(kind, transform, order)) == found


def test_groups_are_headed_by_what_they_are() -> None:
    assert group_label(plan(Kind.TOP_K)) == "date"
    assert group_label(plan(Kind.TOP_K, Transform.MONTH)) == "month"
