"""What a matching document says, one thing at a time: mentions, entities, what themes are made of."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from census.domain.grouping import Group, group_of
from census.domain.plan import FieldRef, Kind, Plan
from census.domain.verdicts import AtomReading, FoundValue, LocatedQuote, QuoteCheck, positive_atoms


@dataclass(frozen=True)
class Finding:
    """One row: what it is grouped by, its amount where one is measured, and the words that prove it."""

    group: Group | None
    measure: Decimal | None
    measure_unit: str | None
    quote: LocatedQuote


def findings_of(plan: Plan, readings: Mapping[str, AtomReading]) -> list[Finding]:
    """The findings of a document that matches: a measured value, else a grouping value, else a quote each.

    The same words found twice, in the overlap of two windows, are one finding, by their offsets. What could
    not be verified is none.
    """
    if plan.measure is not None and plan.kind.measures:
        group = _first_group(plan, readings)
        return [_measured(value, group) for value in _values(plan.measure, readings)]
    if plan.group_by is not None and plan.kind is not Kind.SUMMARY:
        values = _values(plan.group_by.source, readings)
        return [Finding(group_of(plan, value), None, None, value.quote) for value in values]
    quotes = (quote for name in positive_atoms(plan.where) for quote in readings[name].quotes)
    return [Finding(None, None, None, quote) for quote in _apart(quotes)]


def _measured(value: FoundValue, group: Group | None) -> Finding:
    return Finding(group, Decimal(value.value), value.unit, value.quote)


def _first_group(plan: Plan, readings: Mapping[str, AtomReading]) -> Group | None:
    if plan.group_by is None:
        return None
    return group_of(plan, next(iter(_values(plan.group_by.source, readings)), None))


def _values(source: FieldRef, readings: Mapping[str, AtomReading]) -> list[FoundValue]:
    """The verified values of a field; one that overlaps an equal one is the same mention."""
    kept: list[FoundValue] = []
    for value in readings[source.atom].values:
        verified = value.field == source.field and value.quote.check is not QuoteCheck.UNVERIFIED
        if verified and not any(_same(value, other) for other in kept):
            kept.append(value)
    return kept


def _same(value: FoundValue, other: FoundValue) -> bool:
    equal = (value.value.casefold(), value.unit) == (other.value.casefold(), other.unit)
    return equal and _overlap(value.quote, other.quote)


def _apart(quotes: Iterable[LocatedQuote]) -> list[LocatedQuote]:
    kept: list[LocatedQuote] = []
    for quote in quotes:
        if quote.check is not QuoteCheck.UNVERIFIED and not any(_overlap(quote, other) for other in kept):
            kept.append(quote)
    return kept


def _overlap(one: LocatedQuote, other: LocatedQuote) -> bool:
    return one.start < other.end and other.start < one.end
