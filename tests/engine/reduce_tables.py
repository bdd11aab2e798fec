"""The answer that reduce_reference.py expects: ledger, citations, and the table, group by group."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, localcontext
from fractions import Fraction
from typing import Any

from census.domain.plan import Kind, Plan, Transform, Unit
from tests.engine.reduce_reference import Judged, Place, judge, merged_into, norm
from tests.engine.reduce_worlds import Paper

Row = list[Any]
THEME_OF = {"delaware": "Dela", "delawere": "Dela", "texas": "Texas", "köln": "Else"}
"""The theme that the test's model puts a label in, by the label's norm."""


@dataclass(frozen=True)
class Expected:
    """What the job must show."""

    ledger: dict[str, int]
    reasons: dict[str, dict[str, int]]
    rows: list[Row]
    citations: list[tuple[str, Place]]


@dataclass(frozen=True)
class Counted:
    """What is counted: a matching document, or one thing that it says."""

    document: str
    label: str | None
    amount: tuple[Decimal, str | None] | None


def expected(plan: Plan, papers: Iterable[Paper]) -> Expected:
    """The answer to the plan over these documents, in the order in which they were added."""
    judged = [judge(plan, paper) for paper in papers]
    classes = Counter(one.status for one in judged)
    names = ("match", "no_match", "unclear", "unverified", "failed", "skipped")
    ledger = {"total": len(judged), **{name: classes[name] for name in names}}
    reasons = {
        status: dict(Counter(str(one.reason) for one in judged if one.status == status))
        for status in ("failed", "skipped")
    }
    matching = [one for one in judged if one.status == "match"]
    cited = [(one.paper.name, place) for one in matching for place in one.citations[:3]]
    return Expected(ledger, reasons, _rows(plan, judged, matching), cited)


def _rows(plan: Plan, judged: Sequence[Judged], matching: Sequence[Judged]) -> list[Row]:
    documents = [Counted(one.paper.name, one.label, _amount(one)) for one in matching]
    found = [Counted(one.paper.name, label, amount) for one in matching for label, amount in one.found]
    if plan.kind is Kind.THEMES:
        return _themes(plan, found)
    if plan.kind is Kind.COMPARE:
        return _compared(plan, judged)
    if plan.kind.measures:
        return _measured(plan, documents if plan.unit is Unit.DOCUMENT else found)[: plan.limit]
    if plan.kind is Kind.SUMMARY or (plan.kind is Kind.COUNT and plan.unit is Unit.DOCUMENT):
        return [[len(matching)]]
    if plan.kind is Kind.COUNT:
        entities = {norm(plan, one.label) for one in found} - {None}
        mentions = [len(found), len({one.document for one in found})]
        return [[len(entities)] if plan.unit is Unit.ENTITY else mentions]
    if plan.kind is Kind.LIST and plan.unit is not Unit.ENTITY:
        return _listed(plan, documents, found)[: plan.limit]
    return _grouped(plan, documents, found)[: plan.limit]


def _amount(one: Judged) -> tuple[Decimal, str | None] | None:
    return (Decimal(one.measure[0]), one.measure[1]) if one.measure else None


def _listed(plan: Plan, documents: Sequence[Counted], found: Sequence[Counted]) -> list[Row]:
    if plan.unit is Unit.DOCUMENT:
        return [[one.document] for one in sorted(documents, key=lambda one: one.document)]
    return [[name, number] for name, number in sorted(Counter(one.document for one in found).items())]


def _groups(plan: Plan, counted: Iterable[Counted]) -> dict[str | None, list[Counted]]:
    """By norm, in the order of norms, what has none last."""
    groups: dict[str | None, list[Counted]] = {}
    for one in counted:
        groups.setdefault(norm(plan, one.label), []).append(one)
    return {key: groups[key] for key in sorted(groups, key=lambda key: (key is None, key or ""))}


def _name(group: Sequence[Counted]) -> str:
    """The commonest spelling, of several the first."""
    spellings = Counter(one.label for one in group if one.label is not None)
    return min(spellings, key=lambda spelling: (-spellings[spelling], spelling), default="unknown")


def _by_count(plan: Plan) -> bool:
    in_line = plan.group_by is not None and plan.group_by.transform is not Transform.VALUE
    ordinary = "name" if in_line and plan.kind is not Kind.TOP_K else "count"
    return (ordinary if plan.order == "default" else plan.order) == "count"


def _grouped(plan: Plan, documents: Sequence[Counted], found: Sequence[Counted]) -> list[Row]:
    groups = _groups(plan, documents if plan.unit is Unit.DOCUMENT else found)
    if plan.unit is Unit.ENTITY:
        groups.pop(None, None)
    rows = []
    for group in groups.values():
        whose, mentions = len({one.document for one in group}), len(group)
        figures = {Unit.DOCUMENT: [whose], Unit.ENTITY: [whose, mentions], Unit.MENTION: [mentions, whose]}
        rows.append([_name(group), *figures[plan.unit]])
    return sorted(rows, key=lambda row: -row[1]) if _by_count(plan) else rows


def _compared(plan: Plan, judged: Sequence[Judged]) -> list[Row]:
    known = [one for one in judged if one.status in ("match", "no_match")]
    matching = {one.paper.name for one in known if one.status == "match"}
    sides: Mapping[str | None, list[Counted]] = _groups(
        plan, [Counted(one.paper.name, one.label, None) for one in known]
    )
    rows = {key: _side(_name(group), group, matching) for key, group in sides.items()}
    if plan.compare:
        merged = [(name, norm(plan, merged_into(plan, name))) for name in plan.compare]
        return [rows.get(key) or [name, 0, 0, None] for name, key in merged][: plan.limit]
    in_order = list(rows.values())
    return (sorted(in_order, key=lambda row: -row[1]) if _by_count(plan) else in_order)[: plan.limit]


def _side(name: str, group: Sequence[Counted], matching: set[str]) -> Row:
    number = sum(one.document in matching for one in group)
    tenths = Fraction(1000 * number, len(group))
    return [name, number, len(group), f"{Decimal(round(tenths)) / 10:.1f}"]


def _themes(plan: Plan, found: Sequence[Counted]) -> list[Row]:
    names = sorted({THEME_OF[key] for one in found if (key := norm(plan, one.label))})[: plan.limit]
    themes: dict[str, list[Counted]] = {}
    for one in found:
        theme = THEME_OF.get(norm(plan, one.label) or "", "other")
        themes.setdefault(theme if theme in names else "other", []).append(one)
    rows = [[name, len(group), len({one.document for one in group})] for name, group in themes.items()]
    return sorted(rows, key=lambda row: (row[0] == "other", -row[1], row[0]))


def _measured(plan: Plan, counted: Sequence[Counted]) -> list[Row]:
    rows: list[Row] = []
    for group in _groups(plan, [one for one in counted if one.amount]).values():
        by_unit: dict[str, list[Counted]] = {}
        for one in group:
            by_unit.setdefault((one.amount and one.amount[1]) or "", []).append(one)
        parts = sorted(by_unit.items(), key=lambda part: (-len(part[1]), part[0]))
        for unit, part in parts:
            name = [_name(part)] if plan.group_by else []
            amounts = [one.amount[0] for one in part if one.amount]
            rows.append([*name, unit, _figure(plan.kind, amounts), len(amounts)])
    return rows


def _figure(kind: Kind, amounts: Sequence[Decimal]) -> str:
    with localcontext(prec=60):
        match kind:
            case Kind.SUM:
                return shown(sum(amounts, Decimal(0)))
            case Kind.AVG:
                return _average(amounts)
    return shown(min(amounts) if kind is Kind.MIN else max(amounts))


def _average(amounts: Sequence[Decimal]) -> str:
    """To cents, below one to millionths, halves to even."""
    exact = sum(map(Fraction, amounts), Fraction(0)) / len(amounts)
    places = 6 if abs(exact) < 1 else 2
    return shown(Decimal(round(exact * 10**places)).scaleb(-places))


def shown(amount: Decimal) -> str:
    """Plain digits; one decimal as two."""
    whole, _, decimals = f"{amount:f}".partition(".")
    decimals = decimals.rstrip("0")
    if not decimals:
        return whole
    return f"{whole}.{decimals}0" if len(decimals) == 1 else f"{whole}.{decimals}"
