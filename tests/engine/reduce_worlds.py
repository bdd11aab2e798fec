"""Arbitrary collections and what a model claims of them, and arbitrary questions: for test_any_order.py.

A document is a row of clauses; windows are overlapping runs of them. What stands in a clause is drawn once
and read, or missed, in each window that holds the clause: so overlaps, gaps and contradictions all occur.
"""

from dataclasses import dataclass
from decimal import Decimal

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
    Unit,
)
from census.ports.language_model import ReadAtom, ReadStatus, ReadValue


@dataclass(frozen=True)
class Value:
    """As a model may write it, and what it is: canonical text and unit; `canonical` None is no such value."""

    raw: str
    raw_unit: str | None
    canonical: str | None
    unit: str | None = None


LAWS = tuple(
    Value(raw, None, raw)
    for raw in ("Delaware", "delaware", "State of Delaware.", "Texas", "TEXAS", "Delawere", "n/a", "Köln")
)
DATES = (
    Value("2020-06-01", None, "2020-06-01"),
    Value("1 June 2020", None, "2020-06-01"),
    Value("July 2020", None, "2020-07"),
    Value("2019", None, "2019"),
    Value("12/31/2019", None, "2019-12-31"),
    Value("soon", None, None),
)
FEES = (
    Value("$1,200.50", None, "1200.5", "USD"),
    Value("USD 0.10", None, "0.1", "USD"),
    Value("$0.20", None, "0.2", "USD"),
    Value("-$40", None, "-40", "USD"),
    Value("€ 12,50", None, "12.5", "EUR"),
    Value("EUR 7", None, "7", "EUR"),
    Value("300", "gbp", "300", "GBP"),
    Value("300", None, "300"),
    Value("$3 million", None, "3000000", "USD"),
    Value("a fair fee", None, None),
)
DAYS = (
    Value("30", "days", "30"),
    Value("30 days", None, "30"),
    Value("2.5", None, "2.5"),
    Value("some", None, None),
)

POOLS = {"law": LAWS, "signed": DATES, "fee": FEES, "term": DAYS}
FIELDS = {"law": "name", "signed": "date", "fee": "amount", "term": "days"}
_TYPES = {"law": FieldType.TEXT, "signed": FieldType.DATE, "fee": FieldType.MONEY, "term": FieldType.NUMBER}
ATOMS = (
    Atom("audit", "There is a right to audit."),
    *(Atom(name, f"The {name}.", fields=(AtomField(FIELDS[name], _TYPES[name]),)) for name in POOLS),
)
NAMES = tuple(atom.name for atom in ATOMS)
INVENTED = "Whatever nobody has ever written in any paper of this house."


@dataclass(frozen=True)
class Fact:
    """Something a clause says of an atom; `check`: how the model quotes it: exact, fuzzy, unverified."""

    clause: int
    atom: str
    value: Value | None
    check: str


@dataclass(frozen=True)
class Paper:
    """A document. `windows`: first clause and the one after the last. `claims`: what is read, by window.

    `refused`: windows that the model declines. `state`: completed, failed (before the job) or pending.
    """

    name: str
    clauses: tuple[str, ...]
    windows: tuple[tuple[int, int], ...]
    claims: tuple[dict[str, tuple[ReadStatus, tuple[Fact, ...]]], ...]
    refused: frozenset[int]
    state: str

    @property
    def text(self) -> str:
        return "".join(self.clauses)

    def span(self, clause: int) -> tuple[int, int]:
        """Where the words of a clause stand."""
        start = sum(map(len, self.clauses[:clause]))
        return start, start + len(self.clauses[clause]) - 1

    def window_span(self, window: int) -> tuple[int, int]:
        first, last = self.windows[window]
        start = sum(map(len, self.clauses[:first]))
        return start, start + sum(map(len, self.clauses[first:last]))

    def window_text(self, window: int) -> str:
        return self.text[slice(*self.window_span(window))]

    def quoted(self, fact: Fact) -> str:
        """The words that the model gives for a fact."""
        if fact.check == "unverified":
            return INVENTED
        words = self.text[slice(*self.span(fact.clause))]
        return words.replace("hereby", "herebx") if fact.check == "fuzzy" else words

    def reply(self, window: int) -> dict[str, ReadAtom]:
        """The model's answer about a window."""
        return {name: self._read(*claim) for name, claim in self.claims[window].items()}

    def _read(self, status: ReadStatus, facts: tuple[Fact, ...]) -> ReadAtom:
        values = tuple(
            ReadValue(FIELDS[f.atom], f.value.raw, f.value.raw_unit, self.quoted(f)) for f in facts if f.value
        )
        return ReadAtom(status, tuple(self.quoted(f) for f in facts if not f.value), values)


_CHECKS = st.sampled_from(["exact"] * 5 + ["fuzzy", "unverified"])


@st.composite
def _facts(draw: st.DrawFn, clauses: int) -> list[Fact]:
    found = []
    for atom in NAMES:
        for _ in range(draw(st.integers(0, 3 if atom in ("fee", "law") else 2))):
            value = draw(st.sampled_from(POOLS[atom])) if atom in POOLS else None
            found.append(Fact(draw(st.integers(0, clauses - 1)), atom, value, draw(_CHECKS)))
    return sorted(found, key=lambda fact: fact.clause)


@st.composite
def papers(draw: st.DrawFn, name: str) -> Paper:
    """One document."""
    letter, count = name[0], draw(st.integers(1, 4))
    words = "the parties of this very paper hereby agree to what follows in its turn"
    clauses = tuple(f"Clause {'abcd'[n]} of {letter * 3}: {words} {'wxyz'[n] * 9}\n" for n in range(count))
    width = draw(st.integers(1, count))
    last = max(0, count - width)
    windows = tuple((first, first + width) for first in range(last + 1))
    facts = draw(_facts(count))
    state = draw(st.sampled_from(["completed"] * 8 + ["failed", "pending"]))
    refused = frozenset(n for n in range(len(windows)) if draw(st.integers(0, 11)) == 0)
    claims = tuple(draw(_claims(window, facts)) for window in windows)
    return Paper(name, clauses, windows, claims, refused, state)


@st.composite
def _claims(
    draw: st.DrawFn, window: tuple[int, int], facts: list[Fact]
) -> dict[str, tuple[ReadStatus, tuple[Fact, ...]]]:
    claims = {}
    for name in NAMES:
        seen = [f for f in facts if f.atom == name and window[0] <= f.clause < window[1]]
        seen = [f for f in seen if draw(st.integers(0, 9))]
        likely = [ReadStatus.MATCH] * 5 if seen else [ReadStatus.NO_MATCH] * 5
        claims[name] = (draw(st.sampled_from([*likely, ReadStatus.UNCLEAR])), tuple(seen))
    return claims


@st.composite
def collections(draw: st.DrawFn) -> list[Paper]:
    """Some documents; the last ones may be copies of the first, under names of their own."""
    made = [draw(papers(f"{letter}.txt")) for letter in "caebd"[: draw(st.integers(1, 5))]]
    copies = made[: draw(st.sampled_from([0, 0, 1, 2]))]
    again = [Paper(f"z{p.name}", p.clauses, p.windows, p.claims, p.refused, p.state) for p in copies]
    return [*made, *again]


_LEAVES = st.sampled_from(NAMES).map(AtomRef)
_WHERE: st.SearchStrategy[Expression | None] = st.one_of(
    st.none(),
    st.none(),
    st.none(),
    _LEAVES,
    st.lists(_LEAVES | _LEAVES.map(Negation), min_size=2, max_size=3).map(lambda p: AllOf(tuple(p))),
    st.lists(_LEAVES | _LEAVES.map(Negation), min_size=2, max_size=3).map(lambda p: AnyOf(tuple(p))),
)
LAW = GroupBy(FieldRef("law", "name"))
_GROUPINGS = st.sampled_from(
    [
        LAW,
        LAW,
        LAW,
        GroupBy(FieldRef("signed", "date"), Transform.YEAR),
        GroupBy(FieldRef("signed", "date"), Transform.MONTH),
        GroupBy(FieldRef("fee", "amount")),
        GroupBy(FieldRef("fee", "amount"), Transform.BUCKET, (Decimal(0), Decimal("12.5"), Decimal(1000))),
        GroupBy(FieldRef("term", "days"), Transform.BUCKET, (Decimal(30),)),
    ]
)
_MEASURES = st.sampled_from([FieldRef("fee", "amount"), FieldRef("term", "days")])
_LIMITS = st.sampled_from([None, None, None, 1, 2])
_SIDES: st.SearchStrategy[tuple[str, ...]] = st.sampled_from([(), ("Texas", "Delaware", "Ohio")])
_MERGES: st.SearchStrategy[tuple[tuple[str, str], ...]] = st.sampled_from(
    [(), (), (("Delawere", "Delaware"),), (("Texas", "unknown"),)]
)


_COUNTED = (Kind.COUNT, Kind.GROUP_COUNT, Kind.TOP_K, Kind.LIST)
_MEASURED = (Kind.SUM, Kind.AVG, Kind.MIN, Kind.MAX)
KINDS_AND_UNITS = (
    *((kind, unit) for kind in _COUNTED for unit in Unit),
    *((kind, unit) for kind in _MEASURED for unit in (Unit.DOCUMENT, Unit.MENTION)),
    *((kind, Unit.DOCUMENT) for kind in (Kind.COMPARE, Kind.THEMES, Kind.SUMMARY)),
)
"""All that may be asked."""


@st.composite
def questions(draw: st.DrawFn, kind: Kind, unit: Unit) -> Plan:
    """A plan over ATOMS of this kind and unit."""
    grouping: GroupBy | None = draw(_GROUPINGS)
    if kind is Kind.THEMES:
        grouping = LAW
    elif unit is not Unit.ENTITY and kind not in (Kind.GROUP_COUNT, Kind.TOP_K, Kind.COMPARE):
        grouping = draw(st.sampled_from([None, grouping]))
    by_law = grouping == LAW
    return Plan(
        kind,
        "fits",
        ATOMS,
        draw(_WHERE),
        grouping,
        draw(_MEASURES) if kind.measures else None,
        order=draw(st.sampled_from(["default", "name", "count"])),
        limit=draw(_LIMITS),
        merge=draw(_MERGES) if by_law else (),
        unit=unit,
        compare=draw(_SIDES) if kind is Kind.COMPARE and by_law else (),
    )


any_question = st.sampled_from(KINDS_AND_UNITS).flatmap(lambda one: questions(*one))
every_question = st.tuples(*(questions(*one) for one in KINDS_AND_UNITS))
"""One of each kind and unit."""
