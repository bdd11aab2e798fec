"""An answer's table and its words. Every figure in the text is put there by this code, from SQL's rows."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import MAX_EMAX, MAX_PREC, MIN_EMIN, Context, Decimal
from typing import Any

from census.domain.ledger import Bounds, Ledger
from census.domain.plan import Kind, Plan, Transform
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


def order_of(plan: Plan) -> str:
    """How groups are ordered: years and months in time, other values by frequency, unless the plan says."""
    if plan.order != "default":
        return plan.order
    in_time = plan.group_by is not None and plan.group_by.transform is not Transform.VALUE
    return "name" if in_time and plan.kind is Kind.GROUP_COUNT else "count"


def group_label(plan: Plan) -> str:
    """The heading of the groups' column."""
    if plan.group_by is None:
        return "group"
    transform = plan.group_by.transform
    return plan.group_by.source.field if transform is Transform.VALUE else transform.value


def make_table(plan: Plan, rows: Sequence[Sequence[Any]]) -> Table:
    """The table of a plan from SQL's rows, decimals as plain texts that lose nothing."""
    if plan.kind.measures:
        columns: tuple[str, ...] = ("unit", plan.kind.value, "documents")
    elif plan.kind is Kind.LIST:
        columns = ("document",)
    elif plan.kind is Kind.COUNT:
        columns = ("documents",)
    else:
        columns = (group_label(plan), "documents")
    exact = plan.kind is not Kind.AVG
    return Table(columns, tuple(tuple(_cell(cell, exact=exact) for cell in row) for row in rows))


def _cell(cell: Any, *, exact: bool) -> Any:
    """A decimal as plain digits, cents in full; an average is rounded to cents, below one to millionths."""
    if not isinstance(cell, Decimal):
        return cell
    if not exact:
        cell = _EXACTLY.quantize(cell, AVERAGE_STEP if abs(cell) < 1 else CENT)
    written = plain(cell)
    return f"{written}0" if len(written.partition(".")[2]) == 1 else written


def answer_text(plan: Plan, ledger: Ledger, bounds: Bounds | None, table: Table, model: str) -> str:
    """The answer in words, with what it is based on."""
    sentences = [_finding(plan, ledger, table)]
    if bounds is not None and bounds.high > bounds.low:
        sentences.append(f"The true number lies between {bounds.low} and {bounds.high}.")
    left = [f"{getattr(ledger, name)} {words}" for name, words in _CLASS_WORDS if getattr(ledger, name)]
    if left:
        sentences.append(f"Documents without a sure verdict: {', '.join(left)}.")
    if model == LEXICAL:
        sentences.append(
            "This is a rule-based reading: it matches words and patterns and understands nothing."
        )
    return " ".join(sentences)


def _finding(plan: Plan, ledger: Ledger, table: Table) -> str:
    if ledger.total == 0:
        return "The collection holds no documents that this question could be asked of."
    if plan.kind.measures:
        return _measured(plan, table)
    base = f"{ledger.match} of {ledger.total} documents match: {plan.predicate}."
    if plan.kind is Kind.COUNT or not table.rows:
        return base
    shown = table.rows[:NAMED_IN_TEXT]
    if plan.kind is Kind.LIST:
        more = _more(ledger.match - len(shown))
        return f"{base} They are: {'; '.join(str(row[0]) for row in shown)}{more}."
    more = _more(len(table.rows) - len(shown))
    groups = ", ".join(f"{name}: {documents}" for name, documents in shown)
    return f"{base} By {table.columns[0]}: {groups}{more}."


def _more(left: int) -> str:
    return f" and {left} more" if left > 0 else ""


def _measured(plan: Plan, table: Table) -> str:
    name = plan.measure.field if plan.measure else "value"
    if not table.rows:
        return f"No document that matches ({plan.predicate}) has a value for {name}."
    figures = "; ".join(
        f"{figure} {unit}".strip() + f" ({count} documents)" for unit, figure, count in table.rows
    )
    return f"{_MEASURE_WORDS[plan.kind]} of {name}, over documents that match ({plan.predicate}): {figures}."
