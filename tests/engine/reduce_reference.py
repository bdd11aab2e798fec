"""What the answer to a question must be, in plain Python: fractions and decimals, no SQL, none of the engine.

It takes what the model claimed of each window (reduce_worlds.py) and judges documents the long way round;
reduce_tables.py makes the figures. Only the plan's own types are shared with what is checked.
"""

from dataclasses import dataclass, field
from decimal import Decimal

from census.domain.plan import AllOf, AnyOf, AtomRef, Expression, FieldRef, Kind, Negation, Plan
from census.ports.language_model import ReadStatus
from tests.engine.reduce_worlds import FIELDS, INVENTED, NAMES, Fact, Paper

WORST = ("failed", "unverified", "unclear")
NORMS = {
    "Delaware": "delaware", "delaware": "delaware", "State of Delaware.": "delaware", "Texas": "texas",
    "TEXAS": "texas", "Delawere": "delawere", "n/a": None, "Köln": "köln", "Ohio": "ohio", "unknown": None,
}  # fmt: skip
REFUSED = "The model declined to read this."

Place = tuple[int, int, str, str]
"""Start, end, words and check of a quote."""


@dataclass
class Read:
    """A document's joined reading of one atom; values as (canonical, unit, place), exact quotes first."""

    status: str
    quotes: list[Place] = field(default_factory=list)
    values: list[tuple[str, str | None, Place]] = field(default_factory=list)


@dataclass
class Judged:
    """A document: its class, and what it adds to the figures."""

    paper: Paper
    status: str
    reason: str | None = None
    reads: dict[str, Read] = field(default_factory=dict)
    label: str | None = None
    measure: tuple[str, str | None, Place] | None = None
    citations: list[Place] = field(default_factory=list)
    found: list[tuple[str | None, tuple[Decimal, str | None] | None]] = field(default_factory=list)


def _place(paper: Paper, fact: Fact) -> Place:
    if fact.check == "unverified":
        return -1, -1, INVENTED, "unverified"
    start, end = paper.span(fact.clause)
    return start, end, paper.text[start:end], fact.check


def _read(paper: Paper, atom: str) -> Read:
    read = Read("no_match")
    order = ("match", *WORST, "no_match")
    for number, claims in enumerate(paper.claims):
        status, facts = claims[atom]
        if number in paper.refused:
            read.status = min(read.status, "failed", key=order.index)
            continue
        quotes = [_place(paper, one) for one in facts if one.value is None]
        told = [one for one in facts if one.value is not None and one.value.canonical is not None]
        values = [(str(v.canonical), v.unit, _place(paper, one)) for one in told if (v := one.value)]
        values = [] if status is ReadStatus.NO_MATCH else values
        proven = any(place[3] != "unverified" for place in [*quotes, *(value[2] for value in values)])
        said = "unverified" if status is ReadStatus.MATCH and not proven else status.value
        read.status = min(read.status, said, key=order.index)
        read.quotes += [one for one in quotes if one not in read.quotes]
        read.values += [one for i, one in enumerate(values) if one not in read.values + values[:i]]
    read.quotes = list(dict.fromkeys(read.quotes))
    exact = [one for one in read.values if one[2][3] == "exact"]
    read.values = exact + [one for one in read.values if one[2][3] != "exact"]
    return read


def _truth(where: Expression | None, status: dict[str, str]) -> str:
    if where is None:
        return "match"
    if isinstance(where, AtomRef):
        return status[where.atom]
    if isinstance(where, Negation):
        part = _truth(where.part, status)
        return {"match": "no_match", "no_match": "match"}.get(part, part)
    parts = {_truth(part, status) for part in where.parts}
    decisive, otherwise = ("no_match", "match") if isinstance(where, AllOf) else ("match", "no_match")
    if decisive in parts:
        return decisive
    return min(parts & set(WORST), key=WORST.index, default=otherwise)


def judge(plan: Plan, paper: Paper) -> Judged:
    """The class of a document and all that it says."""
    if paper.state != "completed":
        failed = paper.state == "failed"
        return Judged(paper, "failed" if failed else "skipped", "unreadable" if failed else "not_ready")
    reads = {name: _read(paper, name) for name in NAMES}
    status = _truth(plan.where, {name: read.status for name, read in reads.items()})
    sources = [one for one in (plan.measure, plan.group_by.source if plan.group_by else None) if one]
    lost = [one for one in sources if reads[one.atom].status == "failed" and not _proven(reads, one)]
    unread = not sources and plan.where is None and any(read.status == "failed" for read in reads.values())
    if status == "failed" or (status == "match" and (lost or unread)):
        return Judged(paper, "failed", REFUSED)
    group = _proven(reads, plan.group_by.source)[:1] if plan.group_by else []
    measure = (_proven(reads, plan.measure) if plan.measure else [])[:1]
    judged = Judged(paper, status, None, reads, _label(plan, group), measure[0] if measure else None)
    if status == "match":
        evidence = [place for name in _positive(plan.where) for place in reads[name].quotes]
        judged.citations = list(dict.fromkeys([*evidence, *(one[2] for one in [*group, *measure])]))
        judged.found = _found(plan, judged)
    return judged


def _positive(where: Expression | None) -> list[str]:
    if isinstance(where, AtomRef):
        return [where.atom]
    if isinstance(where, AllOf | AnyOf):
        return list(dict.fromkeys(name for part in where.parts for name in _positive(part)))
    return []


def _proven(reads: dict[str, Read], source: FieldRef) -> list[tuple[str, str | None, Place]]:
    assert FIELDS[source.atom] == source.field
    return [one for one in reads[source.atom].values if one[2][3] != "unverified"]


def _found(plan: Plan, one: Judged) -> list[tuple[str | None, tuple[Decimal, str | None] | None]]:
    """The findings: label and measure each; what overlaps an equal one is the same."""
    if plan.measure:
        values = _apart(_proven(one.reads, plan.measure))
        return [(one.label, (Decimal(value[0]), value[1])) for value in values]
    if plan.group_by and plan.kind is not Kind.SUMMARY:
        return [(_label(plan, [value]), None) for value in _apart(_proven(one.reads, plan.group_by.source))]
    places = [p for name in _positive(plan.where) for p in one.reads[name].quotes if p[3] != "unverified"]
    return [(None, None) for _ in _apart([("", None, place) for place in places])]


def _apart(values: list[tuple[str, str | None, Place]]) -> list[tuple[str, str | None, Place]]:
    kept: list[tuple[str, str | None, Place]] = []
    for value, unit, place in values:
        same = [o for o in kept if o[0].lower() == value.lower() and o[1] == unit]
        if not any(o[2][0] < place[1] and place[0] < o[2][1] for o in same):
            kept.append((value, unit, place))
    return kept


# Groups: a label as shown; `norm` tells them apart and orders them


def _label(plan: Plan, values: list[tuple[str, str | None, Place]]) -> str | None:
    if not values or plan.group_by is None:
        return None
    (value, unit, _), by = values[0], plan.group_by
    if by.transform.value == "year":
        return value[:4]
    if by.transform.value == "month":
        return value[:7] if len(value) > 4 else None
    if by.transform.value == "bucket":
        below = [edge for edge in by.edges if edge <= Decimal(value)]
        above = [edge for edge in by.edges if edge > Decimal(value)]
        name = f"{below[-1]} to under {above[0]}" if below and above else ""
        name = name or (f"from {below[-1]}" if below else f"under {above[0]}")
        return f"{name} {unit}" if unit else name
    merged = merged_into(plan, value) if plan.merge else value
    shown = f"{merged} {unit}" if unit else merged
    return shown if norm(plan, shown) is not None else None


def merged_into(plan: Plan, value: str) -> str:
    """The value, or what the plan counts it and its other spellings as."""
    same = [into for one, into in plan.merge if NORMS[one] == NORMS[value]]
    return same[0] if same else value


def norm(plan: Plan, label: str | None) -> str | None:
    """What tells a label's group apart, and puts it in order; None: unknown."""
    if label is None or plan.group_by is None:
        return None
    if plan.group_by.transform.value == "bucket":
        unit = label.split()[-1] if label.split()[-1].isalpha() else ""
        order = ["under", *(str(edge) for edge in plan.group_by.edges)]
        first = label.split()[1] if label.startswith("from") else label.split()[0]
        return f"{unit} {order.index(first):03d}"
    return NORMS[label] if plan.group_by.source.atom == "law" else label.lower()
