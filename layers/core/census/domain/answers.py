"""An answer's table and its words. Every figure in the text is put there by this code, from SQL's rows."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import MAX_EMAX, MAX_PREC, MIN_EMIN, Context, Decimal
from typing import Any

from census.domain.grouping import named_group
from census.domain.ledger import Bounds, Ledger
from census.domain.plan import Kind, Plan, Transform, Unit
from census.domain.values import plain

NAMED_IN_TEXT = 10
CENT = Decimal("0.01")
AVERAGE_STEP = Decimal("0.000001")
_EXACTLY = Context(prec=MAX_PREC, Emax=MAX_EMAX, Emin=MIN_EMIN)
LEXICAL = "lexical"
_MEASURE_WORDS = {
    Kind.SUM: "The total",
    Kind.AVG: "The average",
    Kind.MIN: "The lowest value",
    Kind.MAX: "The highest value",
}
_CLASS_WORDS = (
    ("unclear", "unclear"),
    ("unverified", "with a quote that could not be verified"),
    ("failed", "that could not be read"),
    ("skipped", "skipped"),
)


@dataclass(frozen=True)
class Table:
    """Columns and rows as api.md shows them."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]

    def to_json(self) -> dict[str, Any]:
        """As JSON-ready data."""
        return {"columns": list(self.columns), "rows": [list(row) for row in self.rows]}


@dataclass(frozen=True)
class Compared:
    """A group beside others: the documents that match, `among` all of the group that have a verdict."""

    name: str
    norm: str | None
    documents: int
    among: int


def order_of(plan: Plan) -> str:
    """How groups are ordered: years, months, buckets in line, others by frequency, unless the plan says."""
    if plan.order != "default":
        return plan.order
    in_line = plan.group_by is not None and plan.group_by.transform is not Transform.VALUE
    return "name" if in_line and plan.kind is not Kind.TOP_K else "count"


def group_label(plan: Plan) -> str:
    """The heading of the groups' column."""
    if plan.group_by is None:
        return "group"
    transform = plan.group_by.transform
    return transform.value if transform in (Transform.YEAR, Transform.MONTH) else plan.group_by.source.field


def columns_of(plan: Plan) -> tuple[str, ...]:
    """The headings of a plan's table."""
    counted = "documents" if plan.unit is Unit.DOCUMENT else "mentions"
    if plan.kind.measures:
        grouped = (group_label(plan),) if plan.group_by else ()
        return (*grouped, "unit", plan.kind.value, counted)
    match plan.kind, plan.unit:
        case Kind.THEMES, _:
            return ("theme", "mentions", "documents")
        case Kind.COMPARE, _:
            return (group_label(plan), "documents", "of", "percent")
        case Kind.COUNT, Unit.ENTITY:
            return (f"different {group_label(plan)}",)
        case Kind.COUNT, Unit.MENTION:
            return ("mentions", "documents")
        case (Kind.COUNT, _) | (Kind.SUMMARY, _):
            return ("documents",)
        case Kind.LIST, Unit.DOCUMENT:
            return ("document",)
        case Kind.LIST, Unit.MENTION:
            return ("document", "mentions")
        case _, Unit.ENTITY:
            return (group_label(plan), "documents", "mentions")
        case _, Unit.MENTION:
            return (group_label(plan), "mentions", "documents")
    return (group_label(plan), "documents")


def make_table(plan: Plan, rows: Sequence[Sequence[Any]]) -> Table:
    """The table of a plan from SQL's rows, decimals as plain texts that lose nothing."""
    exact = plan.kind is not Kind.AVG
    return Table(columns_of(plan), tuple(tuple(_cell(cell, exact=exact) for cell in row) for row in rows))


def compare_rows(plan: Plan, found: Sequence[Compared]) -> list[list[Any]]:
    """The groups to compare in the order asked for, an absent one with noughts; percent to one decimal."""
    chosen = list(found)
    if plan.compare:
        wanted = [(name, named_group(plan, name)) for name in plan.compare]
        by_norm = {one.norm: one for one in found}
        chosen = [
            by_norm.get(group.norm if group else None) or Compared(name, None, 0, 0) for name, group in wanted
        ]
    elif order_of(plan) != "count":
        chosen.sort(key=lambda one: (one.norm is None, one.norm or ""))
    rows = [[one.name, one.documents, one.among, _percent(one)] for one in chosen]
    return rows[: plan.limit] if plan.limit else rows


def _percent(one: Compared) -> str | None:
    return f"{Decimal(100 * one.documents) / one.among:.1f}" if one.among else None


def _cell(cell: Any, *, exact: bool) -> Any:
    """A decimal as plain digits, cents in full; an average is rounded to cents, below one to millionths."""
    if not isinstance(cell, Decimal):
        return cell
    if not exact:
        cell = _EXACTLY.quantize(cell, AVERAGE_STEP if abs(cell) < 1 else CENT)
    written = plain(cell)
    return f"{written}0" if len(written.partition(".")[2]) == 1 else written


@dataclass(frozen=True)
class Told:
    """What findings were folded to: a summary's `prose`; `missing` says why there is nothing."""

    prose: str | None = None
    missing: str | None = None


NOT_FOLDED = Told(missing="the job ended before all was read")


def answer_text(
    plan: Plan, ledger: Ledger, bounds: Bounds | None, table: Table, model: str, told: Told = NOT_FOLDED
) -> str:
    """The answer in words, with what it is based on."""
    sentences = [_finding(plan, ledger, table)]
    if plan.kind.folds and ledger.match:
        sentences.append(told.prose or _not_folded(plan, told) if told.prose or told.missing else "")
    if bounds is not None and bounds.high > bounds.low:
        sentences.append(f"The true number lies between {bounds.low} and {bounds.high}.")
    left = [f"{getattr(ledger, name)} {words}" for name, words in _CLASS_WORDS if getattr(ledger, name)]
    if left:
        sentences.append(f"Documents without a sure verdict: {', '.join(left)}.")
    if model == LEXICAL:
        sentences.append(
            "This is a rule-based reading: it matches words and patterns and understands nothing."
        )
    return " ".join(filter(None, sentences))


def _not_folded(plan: Plan, told: Told) -> str:
    if plan.kind is Kind.THEMES:
        return f"Themes were not drawn up ({told.missing}): these are the labels as they were read."
    return f"No summary was written ({told.missing}): the quotes show what the documents say."


def _finding(plan: Plan, ledger: Ledger, table: Table) -> str:
    if ledger.total == 0:
        return "The collection holds no documents that this question could be asked of."
    if plan.kind.measures:
        return _measured(plan, table)
    base = f"{ledger.match} of {ledger.total} documents match: {plan.predicate}."
    if not table.rows or plan.kind is Kind.SUMMARY:
        return base
    if plan.kind is Kind.COUNT:
        return base if plan.unit is Unit.DOCUMENT else f"{base} {_counted(plan, table)}"
    shown = table.rows[:NAMED_IN_TEXT]
    if plan.kind is Kind.LIST and plan.unit is Unit.DOCUMENT:
        more = _more(ledger.match - len(shown))
        return f"{base} They are: {'; '.join(str(row[0]) for row in shown)}{more}."
    more = _more(len(table.rows) - len(shown))
    if plan.kind is Kind.COMPARE:
        sides = "; ".join(f"{row[0]}: {row[1]} of {row[2]}{_share(row[3])}" for row in shown)
        return f"{base} Side by side: {sides}{more}."
    groups = ", ".join(f"{row[0]}: {row[1]}" for row in shown)
    counted = "" if table.columns[1] == "documents" else f" ({table.columns[1]})"
    return f"{base} By {table.columns[0]}{counted}: {groups}{more}."


def _counted(plan: Plan, table: Table) -> str:
    figure = table.rows[0][0]
    if plan.unit is Unit.ENTITY:
        return f"They name {figure} {table.columns[0]}."
    return f"They say so in {figure} places."


def _share(percent: str | None) -> str:
    return f" ({percent} %)" if percent is not None else ""


def _more(left: int) -> str:
    return f" and {left} more" if left > 0 else ""


def _measured(plan: Plan, table: Table) -> str:
    name = plan.measure.field if plan.measure else "value"
    if not table.rows:
        return f"No document that matches ({plan.predicate}) has a value for {name}."
    shown = table.rows[:NAMED_IN_TEXT]
    figures = "; ".join(_measured_row(row, table.columns[-1]) for row in shown)
    more = _more(len(table.rows) - len(shown))
    over = f"over documents that match ({plan.predicate})"
    return f"{_MEASURE_WORDS[plan.kind]} of {name}, {over}: {figures}{more}."


def _measured_row(row: Sequence[Any], counted: str) -> str:
    *group, unit, figure, count = row
    name = f"{group[0]}: " if group else ""
    return f"{name}{f'{figure} {unit}'.strip()} ({count} {counted})"
