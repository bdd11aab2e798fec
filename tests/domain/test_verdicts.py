"""From windows to documents to the expression: nothing unknown ever becomes a no."""

from collections.abc import Mapping, Sequence
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from census.domain.plan import (
    AllOf,
    AnyOf,
    Atom,
    AtomField,
    AtomRef,
    Expression,
    FieldRef,
    FieldType,
    GroupBy,
    Kind,
    Negation,
    Plan,
    Transform,
    atoms_in,
)
from census.domain.verdicts import (
    AtomReading,
    AtomStatus,
    FoundValue,
    LocatedQuote,
    QuoteCheck,
    evaluate,
    join_windows,
    judge,
)

NAMES = ("a", "b", "c")
KNOWN = {AtomStatus.MATCH: True, AtomStatus.NO_MATCH: False}
statuses = st.sampled_from(list(AtomStatus))
expressions: st.SearchStrategy[Expression] = st.recursive(
    st.sampled_from(NAMES).map(AtomRef),
    lambda parts: st.one_of(
        parts.map(Negation),
        st.lists(parts, min_size=1, max_size=3).map(lambda found: AllOf(tuple(found))),
        st.lists(parts, min_size=1, max_size=3).map(lambda found: AnyOf(tuple(found))),
    ),
    max_leaves=8,
)
assignments = st.fixed_dictionaries(dict.fromkeys(NAMES, statuses))
quotes = st.builds(
    LocatedQuote,
    st.integers(0, 50),
    st.integers(51, 99),
    st.sampled_from(["x", "y"]),
    st.sampled_from(QuoteCheck),
)
values = st.builds(FoundValue, st.just("f"), st.sampled_from(["1", "2"]), st.none(), quotes)
readings = st.builds(
    AtomReading, statuses, st.lists(quotes, max_size=3).map(tuple), st.lists(values, max_size=3).map(tuple)
)


def truth(expression: Expression, atoms: Mapping[str, bool]) -> bool:
    match expression:
        case AtomRef(name):
            return atoms[name]
        case Negation(part):
            return not truth(part, atoms)
        case AllOf(parts):
            return all(truth(part, atoms) for part in parts)
        case AnyOf(parts):
            return any(truth(part, atoms) for part in parts)


def possible(expression: Expression, atoms: Mapping[str, AtomStatus]) -> set[bool]:
    """What the expression can be, each use of an unknown atom being true or false by itself (Kleene)."""
    match expression:
        case AtomRef(name):
            return {KNOWN[atoms[name]]} if atoms[name] in KNOWN else {True, False}
        case Negation(part):
            return {not value for value in possible(part, atoms)}
        case AllOf(parts):
            return {all(chosen) for chosen in product(*(possible(part, atoms) for part in parts))}
        case AnyOf(parts):
            return {any(chosen) for chosen in product(*(possible(part, atoms) for part in parts))}


@given(expressions, assignments)
def test_the_expression_is_decided_exactly_where_kleene_decides_it(
    expression: Expression, atoms: Mapping[str, AtomStatus]
) -> None:
    can_be = possible(expression, atoms)
    assert {KNOWN.get(evaluate(expression, atoms))} == (can_be if len(can_be) == 1 else {None})


@given(expressions, assignments)
def test_a_decided_expression_holds_however_the_unknown_atoms_turn_out(
    expression: Expression, atoms: Mapping[str, AtomStatus]
) -> None:
    decided = KNOWN.get(evaluate(expression, atoms))
    if decided is None:
        return
    unknown = [name for name in NAMES if atoms[name] not in KNOWN]
    for turned_out in product((True, False), repeat=len(unknown)):
        whole = {name: KNOWN.get(status, False) for name, status in atoms.items()}
        assert truth(expression, {**whole, **dict(zip(unknown, turned_out, strict=True))}) is decided


@given(expressions, assignments)
def test_an_unknown_is_the_reason_of_one_of_the_atoms(
    expression: Expression, atoms: Mapping[str, AtomStatus]
) -> None:
    status = evaluate(expression, atoms)
    assert status in KNOWN or status in {atoms[name] for name in atoms_in(expression)}


@given(st.lists(readings, max_size=5), st.randoms())
def test_the_order_of_the_windows_does_not_change_the_status(
    windows: list[AtomReading], random: st.DataObject
) -> None:
    shuffled = list(windows)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert join_windows(shuffled).status is join_windows(windows).status


@given(st.lists(statuses, min_size=1, max_size=6))
def test_a_document_says_no_only_when_every_window_does(found: Sequence[AtomStatus]) -> None:
    status = join_windows([AtomReading(one) for one in found]).status
    order = ("match", "failed", "unverified", "unclear", "no_match")
    assert status.value == min(found, key=lambda one: order.index(one.value)).value


@given(st.lists(readings, max_size=5))
def test_joining_keeps_every_quote_and_value_once_those_with_exact_quotes_first(
    windows: list[AtomReading],
) -> None:
    joined = join_windows(windows)
    assert set(joined.quotes) == {quote for window in windows for quote in window.quotes}
    assert set(joined.values) == {value for window in windows for value in window.values}
    assert len(joined.quotes) == len(set(joined.quotes))
    assert len(joined.values) == len(set(joined.values))
    exact = [value.quote.check is QuoteCheck.EXACT for value in joined.values]
    assert exact == sorted(exact, reverse=True)


@given(readings, readings, readings)
def test_joining_windows_is_associative(a: AtomReading, b: AtomReading, c: AtomReading) -> None:
    assert join_windows([join_windows([a, b]), c]) == join_windows([a, join_windows([b, c])])


def test_a_document_without_windows_was_not_read() -> None:
    assert join_windows([]).status is AtomStatus.FAILED


# Verdicts

QUOTE = LocatedQuote(3, 9, "June 1", QuoteCheck.EXACT)
YEARS = Plan(
    Kind.GROUP_COUNT,
    "p",
    (Atom("a", "s"), Atom("when", "s", fields=(AtomField("date", FieldType.DATE),))),
    AtomRef("a"),
    GroupBy(FieldRef("when", "date"), Transform.YEAR),
)


def reading(status: AtomStatus, check: QuoteCheck | None = None) -> AtomReading:
    found = () if check is None else (FoundValue("date", "2020", None, LocatedQuote(0, 1, "x", check)),)
    return AtomReading(status, (QUOTE,), found)


def test_a_match_whose_group_could_not_be_read_failed() -> None:
    verdict = judge(YEARS, {"a": reading(AtomStatus.MATCH), "when": reading(AtomStatus.FAILED)})
    assert verdict.status is AtomStatus.FAILED


def test_a_match_whose_group_was_read_in_another_window_stays_a_match() -> None:
    when = reading(AtomStatus.FAILED, QuoteCheck.EXACT)
    assert judge(YEARS, {"a": reading(AtomStatus.MATCH), "when": when}).status is AtomStatus.MATCH


def test_a_no_needs_no_group() -> None:
    verdict = judge(YEARS, {"a": reading(AtomStatus.NO_MATCH), "when": reading(AtomStatus.FAILED)})
    assert verdict.status is AtomStatus.NO_MATCH


@pytest.mark.parametrize(
    ("check", "counts"),
    [(QuoteCheck.EXACT, True), (QuoteCheck.FUZZY, True), (QuoteCheck.UNVERIFIED, False)],
)
def test_a_value_counts_when_its_quote_was_found(check: QuoteCheck, counts: bool) -> None:
    verdict = judge(YEARS, {"a": reading(AtomStatus.MATCH), "when": reading(AtomStatus.MATCH, check)})
    assert (verdict.group is not None) is counts


def test_what_the_expression_denies_is_no_evidence() -> None:
    plan = Plan(
        Kind.COUNT, "p", (Atom("a", "s"), Atom("b", "s")), AllOf((AtomRef("a"), Negation(AtomRef("b"))))
    )
    denied = AtomReading(AtomStatus.NO_MATCH, (LocatedQuote(20, 25, "other", QuoteCheck.EXACT),))
    verdict = judge(plan, {"a": reading(AtomStatus.MATCH), "b": denied})
    assert verdict.quotes == (QUOTE,)
