"""A small collection in which all that makes figures go wrong happens at once, and plans over it."""

from dataclasses import replace

from census.domain.plan import AtomRef, FieldRef, GroupBy, Kind, Plan, Unit
from census.ports.language_model import ReadStatus
from tests.engine.reduce_worlds import (
    ATOMS,
    DATES,
    DAYS,
    FEES,
    KINDS_AND_UNITS,
    LAW,
    LAWS,
    NAMES,
    Fact,
    Paper,
)

WORDS = "the parties of this very paper hereby agree to what follows in its turn"


def paper(
    name: str,
    *facts: Fact,
    windows: tuple[tuple[int, int], ...] = ((0, 3),),
    refused: int | None = None,
    unclear: str = "",
    state: str = "completed",
) -> Paper:
    """A document of three clauses that says this; a model that sees all of it in every window."""
    clauses = tuple(f"Clause {'abc'[n]} of {name[0] * 3}: {WORDS} {'xyz'[n] * 9}\n" for n in range(3))

    def claim(atom: str, first: int, last: int) -> tuple[ReadStatus, tuple[Fact, ...]]:
        seen = tuple(fact for fact in facts if fact.atom == atom and first <= fact.clause < last)
        status = ReadStatus.MATCH if seen else ReadStatus.NO_MATCH
        return (ReadStatus.UNCLEAR if atom == unclear else status), seen

    claims = tuple({atom: claim(atom, *window) for atom in NAMES} for window in windows)
    return Paper(name, clauses, windows, claims, frozenset([refused] if refused is not None else []), state)


def law(clause: int, number: int, check: str = "exact") -> Fact:
    return Fact(clause, "law", LAWS[number], check)


def fee(clause: int, number: int, check: str = "exact") -> Fact:
    return Fact(clause, "fee", FEES[number], check)


def audit(clause: int, check: str = "exact") -> Fact:
    return Fact(clause, "audit", None, check)


OVERLAPPING = ((0, 2), (1, 3))
PAPERS = [
    paper(
        "e.txt", law(0, 3, "unverified"), law(1, 0), law(1, 1), law(2, 2),
        fee(0, 5, "fuzzy"), fee(1, 0), fee(1, 0), audit(0), audit(1), audit(1, "fuzzy"),
        Fact(2, "signed", DATES[0], "exact"), Fact(1, "term", DAYS[0], "exact"),
        windows=OVERLAPPING,
    ),
    paper(
        "d.txt", law(0, 4, "fuzzy"), law(2, 1), fee(0, 1), fee(2, 2), audit(2, "unverified"),
        Fact(0, "signed", DATES[3], "exact"), Fact(1, "term", DAYS[2], "exact"),
    ),
    paper("c.txt", law(0, 0), fee(1, 2), fee(1, 5), fee(2, 3), audit(0), refused=1, windows=OVERLAPPING),
    paper("b.txt", law(2, 0), fee(2, 2), audit(2), refused=0, windows=OVERLAPPING),
    paper("a.txt", law(0, 6), law(1, 5), fee(0, 9), Fact(0, "signed", DATES[2], "exact"), unclear="audit"),
    paper("f.txt", law(0, 7), fee(0, 4), fee(1, 5), Fact(2, "signed", DATES[1], "exact"), unclear="law"),
    paper("g.txt", fee(2, 6), audit(1)),
    paper("h.txt", state="failed"),
    paper("i.txt", state="pending"),
]  # fmt: skip


def plans() -> list[Plan]:
    """Every kind and unit, of all documents and of those with an audit right; counts by law, sums of fees."""
    found = []
    for kind, unit in KINDS_AND_UNITS:
        by_law = unit is Unit.ENTITY or kind in (Kind.GROUP_COUNT, Kind.TOP_K, Kind.COMPARE, Kind.THEMES)
        plan = Plan(kind, "fits", ATOMS, None, LAW if by_law else None, unit=unit)
        if kind.measures:
            plan = replace(plan, measure=FieldRef("fee", "amount"))
            found.append(replace(plan, group_by=LAW))
        found += [plan, replace(plan, where=AtomRef("audit"), order="name")]
    return [*found, Plan(Kind.GROUP_COUNT, "fits", ATOMS, None, GroupBy(FieldRef("fee", "amount")))]
