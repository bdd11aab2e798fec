"""From readings of windows to the verdict on a document.

A window's reading answers atoms; the document's atom joins its windows; the expression joins the atoms.
Nothing here guesses: what could not be decided keeps its reason all the way into the ledger.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from census.domain.plan import AllOf, AnyOf, AtomRef, Expression, FieldRef, Negation, Plan


class QuoteCheck(StrEnum):
    """How a quote was found in its source."""

    EXACT = "exact"
    FUZZY = "fuzzy"
    UNVERIFIED = "unverified"


class AtomStatus(StrEnum):
    """What is known of one atom in one window or document."""

    MATCH = "match"
    NO_MATCH = "no_match"
    UNCLEAR = "unclear"
    UNVERIFIED = "unverified"
    FAILED = "failed"


@dataclass(frozen=True)
class LocatedQuote:
    """Verbatim words of the document: `text` is the source's at [start, end) unless unverified (-1, -1)."""

    start: int
    end: int
    text: str
    check: QuoteCheck


@dataclass(frozen=True)
class FoundValue:
    """A typed value with its evidence. `value` is canonical (ISO date, plain decimal); `unit` a currency."""

    field: str
    value: str
    unit: str | None
    quote: LocatedQuote


@dataclass(frozen=True)
class AtomReading:
    """What one window, or a whole document, says about one atom."""

    status: AtomStatus
    quotes: tuple[LocatedQuote, ...] = ()
    values: tuple[FoundValue, ...] = ()


FAILED_READING = AtomReading(AtomStatus.FAILED)

# A match anywhere decides; otherwise what keeps us from saying "no", worst first.
_JOIN_ORDER = (
    AtomStatus.MATCH,
    AtomStatus.FAILED,
    AtomStatus.UNVERIFIED,
    AtomStatus.UNCLEAR,
    AtomStatus.NO_MATCH,
)
_UNKNOWN_ORDER = (AtomStatus.FAILED, AtomStatus.UNVERIFIED, AtomStatus.UNCLEAR)


def join_windows(readings: Sequence[AtomReading]) -> AtomReading:
    """One document's reading of an atom from those of its windows, in the order of the text.

    Quotes and values found twice in an overlap are one; values keep the order of the text, those with an
    exact quote first, so that the first is the one to use and the others stay visible.
    """
    present = {reading.status for reading in readings}
    status = next((s for s in _JOIN_ORDER if s in present), AtomStatus.FAILED)
    quotes = tuple(dict.fromkeys(q for r in readings for q in r.quotes))
    values = tuple(dict.fromkeys(v for r in readings for v in r.values))
    exact_first = sorted(values, key=lambda v: v.quote.check is not QuoteCheck.EXACT)
    return AtomReading(status, quotes, tuple(exact_first))


def evaluate(expression: Expression | None, atoms: Mapping[str, AtomStatus]) -> AtomStatus:
    """The expression's status by Kleene's three-valued logic; an unknown keeps its worst reason.

    None, the empty expression, is true of every document.
    """
    match expression:
        case None:
            return AtomStatus.MATCH
        case AtomRef(name):
            return atoms[name]
        case Negation(part):
            return _negated(evaluate(part, atoms))
        case AllOf(parts):
            return _decided([evaluate(p, atoms) for p in parts], AtomStatus.NO_MATCH, AtomStatus.MATCH)
        case AnyOf(parts):
            return _decided([evaluate(p, atoms) for p in parts], AtomStatus.MATCH, AtomStatus.NO_MATCH)


def _negated(status: AtomStatus) -> AtomStatus:
    swapped = {AtomStatus.MATCH: AtomStatus.NO_MATCH, AtomStatus.NO_MATCH: AtomStatus.MATCH}
    return swapped.get(status, status)


def _decided(statuses: Sequence[AtomStatus], decisive: AtomStatus, otherwise: AtomStatus) -> AtomStatus:
    if decisive in statuses:
        return decisive
    return next((unknown for unknown in _UNKNOWN_ORDER if unknown in statuses), otherwise)


@dataclass(frozen=True)
class DocumentVerdict:
    """The class of a document in the ledger, and what SQL aggregates of it."""

    status: AtomStatus
    group: FoundValue | None = None
    measure: FoundValue | None = None
    quotes: tuple[LocatedQuote, ...] = ()


def judge(plan: Plan, readings: Mapping[str, AtomReading]) -> DocumentVerdict:
    """The verdict on one document from the joined reading of each atom of the plan.

    A document that matches but whose grouping or measured value could not be read is `failed`: its figure
    would be a guess. One whose value is simply not in the text stays a match, in the group `unknown`.
    """
    status = evaluate(plan.where, {name: r.status for name, r in readings.items()})
    group = _value(plan.group_by.source if plan.group_by else None, readings)
    measure = _value(plan.measure, readings)
    if status is AtomStatus.MATCH and _unreadable(plan, readings):
        status = AtomStatus.FAILED
    return DocumentVerdict(status, group, measure, tuple(_evidence(plan, readings, group, measure)))


def _value(source: FieldRef | None, readings: Mapping[str, AtomReading]) -> FoundValue | None:
    if source is None:
        return None
    found = (v for v in readings[source.atom].values if v.field == source.field)
    return next((v for v in found if v.quote.check is not QuoteCheck.UNVERIFIED), None)


def _unreadable(plan: Plan, readings: Mapping[str, AtomReading]) -> bool:
    sources = [plan.measure, plan.group_by.source if plan.group_by else None]
    wanted = [s for s in sources if s is not None]
    failed = [s for s in wanted if readings[s.atom].status is AtomStatus.FAILED]
    return any(_value(s, readings) is None for s in failed) or (
        not wanted and plan.where is None and any(r.status is AtomStatus.FAILED for r in readings.values())
    )


def _evidence(
    plan: Plan,
    readings: Mapping[str, AtomReading],
    group: FoundValue | None,
    measure: FoundValue | None,
) -> Iterable[LocatedQuote]:
    found = [q for name in positive_atoms(plan.where) for q in readings[name].quotes]
    found += [value.quote for value in (group, measure) if value is not None]
    return dict.fromkeys(found)


def positive_atoms(expression: Expression | None) -> Iterable[str]:
    """The atoms whose matches prove the expression: those that no negation turns around."""
    match expression:
        case AtomRef(name):
            return (name,)
        case AllOf(parts) | AnyOf(parts):
            return dict.fromkeys(name for part in parts for name in positive_atoms(part))
        case _:
            return ()
