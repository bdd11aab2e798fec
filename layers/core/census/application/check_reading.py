"""Check a model's reading of a window against the window: quotes are located, values made canonical."""

from dataclasses import dataclass

from census.domain.extracted_text import clean_text
from census.domain.plan import Atom, AtomField
from census.domain.quotes import FoldedText
from census.domain.typed_values import canonical_value
from census.domain.verdicts import AtomReading, AtomStatus, FoundValue, LocatedQuote, QuoteCheck
from census.ports.language_model import ReadAtom, ReadStatus, ReadValue
from census.ports.quote_aligner import QuoteAligner

_NOWHERE = -1


@dataclass(frozen=True)
class WindowSource:
    """A window's text and where it starts in its document."""

    text: FoldedText
    char_start: int

    def locate(self, quote: str, aligner: QuoteAligner) -> LocatedQuote:
        """The quote at its place in the document, in the document's own words; or unverified, as claimed."""
        check, span = QuoteCheck.EXACT, self.text.locate(quote)
        if span is None:
            check, span = QuoteCheck.FUZZY, aligner.align(quote, self.text.text)
        if span is None:
            return LocatedQuote(_NOWHERE, _NOWHERE, quote, QuoteCheck.UNVERIFIED)
        start, end = span
        return LocatedQuote(self.char_start + start, self.char_start + end, self.text.text[start:end], check)


def check_reading(atom: Atom, read: ReadAtom, source: WindowSource, aligner: QuoteAligner) -> AtomReading:
    """The reading with located quotes and canonical values. A match that nothing verified is `unverified`.

    Values of a wrong type or of a field the atom does not have are dropped, and so are the values of a
    reading that says no: text of a document can only ever become data of the shape that was asked for.
    """
    quotes = tuple(source.locate(quote, aligner) for quote in map(clean_text, read.quotes) if quote.strip())
    claimed = () if read.status is ReadStatus.NO_MATCH else read.values
    found = (_value(atom, value, source, aligner) for value in claimed)
    values = tuple(value for value in found if value is not None)
    status = AtomStatus(read.status.value)
    evidence = [*quotes, *(value.quote for value in values)]
    if read.status is ReadStatus.MATCH and not _verified(evidence):
        status = AtomStatus.UNVERIFIED
    return AtomReading(status, quotes, values)


def unproven(reading: AtomReading) -> int:
    """How much of a reading rests on words that are not in the window: its values so, and a whole match."""
    values = sum(value.quote.check is QuoteCheck.UNVERIFIED for value in reading.values)
    return values + (reading.status is AtomStatus.UNVERIFIED)


def _verified(evidence: list[LocatedQuote]) -> bool:
    return any(quote.check is not QuoteCheck.UNVERIFIED for quote in evidence)


def _value(atom: Atom, read: ReadValue, source: WindowSource, aligner: QuoteAligner) -> FoundValue | None:
    field: AtomField | None = atom.field_named(read.field)
    canonical = canonical_value(field.type, clean_text(read.value), read.unit) if field else None
    if canonical is None:
        return None
    value, unit = canonical
    return FoundValue(read.field, value, unit, source.locate(clean_text(read.quote), aligner))
