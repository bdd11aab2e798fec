"""Readings as they are kept: checked against the source, with offsets of the document, as JSON."""

from collections.abc import Sequence
from typing import Any

from census.domain.identity import sha256
from census.domain.plan import Atom, JsonObject
from census.domain.verdicts import AtomReading, AtomStatus, FoundValue, LocatedQuote, QuoteCheck


def cache_key(atom: Atom, model: str, contract_version: str) -> str:
    """What an atom's results are kept by: its meaning, the model, and the model's prompt and schema."""
    return sha256(f"{atom.key}\n{model}\n{contract_version}")


def window_key(window: Sequence[Any]) -> str:
    """A window's identity within its content: its span. `window` is a row of `windows.to_json`."""
    return f"{window[1]}-{window[2]}"


def reading_to_json(reading: AtomReading) -> JsonObject:
    """The reading as JSON-ready data; `reading_from_json` gives the same reading back."""
    return {
        "status": reading.status.value,
        "quotes": [_quote_to_json(quote) for quote in reading.quotes],
        "values": [
            {"field": v.field, "value": v.value, "unit": v.unit, "quote": _quote_to_json(v.quote)}
            for v in reading.values
        ],
    }


def reading_from_json(data: JsonObject) -> AtomReading:
    """What `reading_to_json` wrote."""
    return AtomReading(
        AtomStatus(data["status"]),
        tuple(_quote_from_json(quote) for quote in data["quotes"]),
        tuple(_value_from_json(value) for value in data["values"]),
    )


def _value_from_json(data: JsonObject) -> FoundValue:
    return FoundValue(data["field"], data["value"], data["unit"], _quote_from_json(data["quote"]))


def _quote_to_json(quote: LocatedQuote) -> list[Any]:
    return [quote.start, quote.end, quote.text, quote.check.value]


def _quote_from_json(data: Sequence[Any]) -> LocatedQuote:
    return LocatedQuote(data[0], data[1], data[2], QuoteCheck(data[3]))
