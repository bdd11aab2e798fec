"""Amounts of money and plain numbers in plain text: every run of digits, and a few characters around it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True)
class FoundAmount:
    """An amount at [start, end) of the text; `currency` is an ISO 4217 code, None where none is written."""

    start: int
    end: int
    value: Decimal
    currency: str | None


_NUMBER = re.compile(
    r"\d{1,3}(?:\.\d{3})+,\d{1,2}(?!\d)"  # 1.200,50: continental, only where both signs say so
    r"|\d{1,3}(?:,\d{3})+(?!\d)(?:\.\d+)?"
    r"|\d+(?:,\d\d(?!\d)(?!,\d)|\.\d+)?"
)
_MULTIPLIERS = {
    "k": 3, "thousand": 3, "m": 6, "mm": 6, "mn": 6, "mio": 6, "million": 6,
    "b": 9, "bn": 9, "billion": 9, "trillion": 12,
}  # fmt: skip
# A lone letter multiplies money only: "15m" may be minutes or metres.
_TIMES = re.compile(r"[\s-]{0,2}(thousand|million|billion|trillion|mio|mn|bn)s?\b", re.IGNORECASE)
_TIMES_IN_MONEY = re.compile(rf"{_TIMES.pattern}|(?P<letter>k|mm|m|b)\b", re.IGNORECASE)
_SYMBOLS = {"$": "USD", "£": "GBP", "€": "EUR", "¥": "JPY", "₹": "INR"}
_DOLLARS = {"us": "USD", "u.s.": "USD", "c": "CAD", "ca": "CAD", "cdn": "CAD", "a": "AUD", "au": "AUD",
            "nz": "NZD", "hk": "HKD", "s": "SGD"}  # fmt: skip
_CODES = ("USD", "EUR", "GBP", "JPY", "INR", "CHF", "CAD", "AUD", "NZD", "HKD", "SGD", "CNY", "SEK", "NOK",
          "DKK", "PLN", "BRL", "MXN", "ZAR", "KRW")  # fmt: skip
_NAMES = {"dollar": "USD", "euro": "EUR", "pound": "GBP", "yen": "JPY", "rupee": "INR", "franc": "CHF"}
# A currency before its number stands on the same line ("Currency: EUR" may end one); after it, also the next.
_GAP = r"[^\S\n]{0,2}"
_BEFORE = re.compile(
    rf"(?:(?<![^\W\d_])(?P<code>{'|'.join(_CODES)}){_GAP}[$£€]?{_GAP}"
    rf"|(?<![^\W\d_])(?P<prefix>US|U\.S\.|CA?|CDN|AU?|NZ|HK|S)[^\S\n]?\${_GAP}"
    rf"|(?P<symbol>[$£€¥₹]){_GAP})(?P<minus>[-−]?)\Z"
)
_AFTER = re.compile(
    rf"{_GAP}\n?{_GAP}(?:(?P<code>{'|'.join(_CODES)})\b|(?P<symbol>[€£])"
    r"|(?:(?P<country>U\.?S\.?|Canadian|Australian)\s{1,2})?(?P<name>dollar|euro|pound|yen|rupee|franc)s?\b)",
    re.IGNORECASE,
)
_COUNTRIES = {"c": "CAD", "a": "AUD", "u": "USD"}


def find_amounts(text: str) -> Iterator[FoundAmount]:
    """The amounts of money of a text, in its order: numbers with a currency sign, code or name beside them.

    `$1,200.50`, `US$ 2.5M`, `USD 3 million`, `£5k`, `1,000 euros`, `-$40`. A bare `$` is taken for USD.
    Separators: the comma groups and the point is decimal, as in English. `1.200,50` has both the other way
    round and is 1200.50; a comma before exactly two last digits is decimal (`€ 12,50`); `1.200` is 1.2.
    """
    for hit, value, end in _numbers(text, _TIMES_IN_MONEY):
        before = _BEFORE.search(text, max(0, hit.start() - 8), hit.start())
        if before is not None:
            start, minus = _signed_start(text, before)
            yield FoundAmount(start, end, -value if minus else value, _currency_before(before))
        elif after := _AFTER.match(text, end):
            yield FoundAmount(hit.start(), after.end(), value, _currency_after(after))


def find_numbers(text: str) -> Iterator[FoundAmount]:
    """The numbers of a text, in its order, without currency; `10 %` is 10, `3 million` is 3000000.

    Digits that touch letters, or stand in a section number (`5.1.2`), are none.
    """
    for hit, value, end in _numbers(text, _TIMES):
        before = text[max(0, hit.start() - 2) : hit.start()]
        minus = before[-1:] in {"-", "−"} and not before[:-1].strip()
        yield FoundAmount(hit.start() - minus, end, -value if minus else value, None)


def parse_amount(text: str) -> FoundAmount | None:
    """The first amount of the text, or its first number with currency None; None without either."""
    return next(find_amounts(text), None) or next(find_numbers(text), None)


def plain(value: Decimal) -> str:
    """A decimal as plain digits: `1200.5`, `3000000`; no exponent, no trailing zeros."""
    written = format(value, "f")
    return (written.rstrip("0").rstrip(".") if "." in written else written) or "0"


def _numbers(text: str, multiplier: re.Pattern[str]) -> Iterator[tuple[re.Match[str], Decimal, int]]:
    for hit in _NUMBER.finditer(text):
        start, end = hit.span()
        times = multiplier.match(text, end)
        finish = times.end() if times else end
        if not _touches(text, start, finish):
            power = _MULTIPLIERS[times[times.lastindex or 1].lower()] if times else 0
            yield hit, _decimal(hit[0]).scaleb(power), finish


def _touches(text: str, start: int, end: int) -> bool:
    before, after = text[max(0, start - 2) : start], text[end : end + 2]
    if before[-1:] in {".", ","} and before[:1].isdigit() and len(before) == 2:
        return True
    # A currency code may touch its number ("USD5"); other letters may not.
    glued = before[-1:].isalpha() and text[max(0, start - 3) : start] not in _CODES
    more = after[:1] in {".", ","} and after[1:].isdigit()
    return glued or before[-1:] == "_" or after[:1].isalpha() or after[:1] == "_" or more


def _decimal(written: str) -> Decimal:
    comma, point = written.rfind(","), written.rfind(".")
    if comma > point and (point >= 0 or len(written) - comma == 3):
        return Decimal(written.replace(".", "").replace(",", "."))
    return Decimal(written.replace(",", ""))


def _signed_start(text: str, before: re.Match[str]) -> tuple[int, bool]:
    start = before.start()
    outside = text[start - 1 : start] in {"-", "−"} and not text[max(0, start - 2) : start - 1].strip()
    return (start - 1 if outside else start), outside or bool(before["minus"])


def _currency_before(before: re.Match[str]) -> str:
    if before["code"]:
        return before["code"]
    return _DOLLARS[before["prefix"].lower()] if before["prefix"] else _SYMBOLS[before["symbol"]]


def _currency_after(after: re.Match[str]) -> str:
    if after["code"]:
        return after["code"].upper()
    if after["country"] and after["name"].lower() == "dollar":
        return _COUNTRIES[after["country"][0].lower()]
    return _SYMBOLS[after["symbol"]] if after["symbol"] else _NAMES[after["name"].lower()]
