"""Dates in plain text.

The search walks a cheap anchor (a year, or a slash date) and reads only a few characters around it, so that
it is linear and a long text without dates costs little.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from heapq import merge

FIRST_YEAR, LAST_YEAR = 1900, 2100
_TWO_DIGIT_PIVOT = 70  # 70..99 are 1970..1999, 00..69 are 2000..2069
_REACH = (
    64  # characters looked at before a year: "twenty-first" forms are out, "21st day of December, " is in
)


@dataclass(frozen=True)
class FoundDate:
    """A date at [start, end) of the text; `iso` is `YYYY-MM-DD`, or `YYYY-MM` where no day is given."""

    start: int
    end: int
    iso: str


_MONTH_NAMES = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTHS = {name: number for number, name in enumerate(_MONTH_NAMES, start=1)}
_MONTH = (
    r"(?P<month>january|february|march|april|may|june|july|august|september|october|november|december"
    r"|(?:jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec)\b)\.?"
)
_ORDINAL = r"\s?(?:s\s?t|n\s?d|r\s?d|t\s?h)?"  # "20t h" is what scanners make of a raised "th"
_DAY = r"(?P<day>\d{1,2})"
_GAP = r"[\s,.]{0,4}"
_YEAR = re.compile(r"[12][019]\d\d")
_MAY_PRECEDE_YEAR = frozenset(" \t\n\r\f\v\xa0,.-_]")
_ISO_TAIL = re.compile(r"([-/])(\d{1,2})\1(\d{1,2})(?![\d/-])")
_SHORT_SLASH = re.compile(r"\d{1,2}/\d{1,2}/\d\d(?!\d|/)")
# All end where the year starts. The order is from the most to the least specific.
_BEFORE_YEAR = tuple(
    re.compile(rf"(?<![^\W_]){form}\Z", re.IGNORECASE)
    for form in (
        rf"{_MONTH}\s{{0,3}}{_DAY}{_ORDINAL}{_GAP}(?:in the year\s{{1,3}})?",
        rf"{_DAY}{_ORDINAL}\s{{0,3}}(?:day\s{{1,3}})?(?:of\s{{1,3}})?[-\s]{{0,3}}{_MONTH}[\s,.-]{{0,4}}"
        r"(?:in the year\s{1,3})?",
        rf"{_MONTH}[\s,]{{1,4}}(?:of\s{{1,3}})?(?:\[?[_\s•●*]{{1,24}}\]?{_GAP})?",
    )
)
_NUMERIC_BEFORE_YEAR = re.compile(r"(?<![\w./-])(\d{1,2})\s?([/.-])\s?(\d{1,2})\s?\2\s?\Z")


def find_dates(text: str) -> Iterator[FoundDate]:
    """The dates of a text, in its order.

    Read: `June 1, 2020`, `Jun. 1 2020`, `1 June 2020`, `1-Jun-2020`, `21st day of December, 2019`,
    `5th of May 2018`, `2020-06-01`, `2020/06/01`, `6/1/2020` and `06/01/20` (month first, as in the United
    States; day first where the first number is above 12), `06-01-2020` (the same), `1.6.2020` (day first),
    `June 2020` and `June __, 2020` (no day: `2020-06`).
    Not dates: a bare year, a day without a year, anything the calendar or 1900–2100 does not have.
    Two-digit years (slashes only) are 1970–2069.
    """
    reach = 0
    for found in merge(_year_dates(text), _short_slash_dates(text), key=lambda found: found.start):
        if found.start >= reach:
            yield found
            reach = found.end


def _year_dates(text: str) -> Iterator[FoundDate]:
    reach = 0
    for year in _YEAR.finditer(text):
        found = _date_at_year(text, year, reach)
        if found is not None:
            yield found
            reach = found.end


def _date_at_year(text: str, year: re.Match[str], reach: int) -> FoundDate | None:
    start, end = year.span()
    if text[end : end + 1].isdigit():
        return None
    preceded_by_digit = text[start - 1 : start].isdigit()
    if not preceded_by_digit and (tail := _ISO_TAIL.match(text, end)):
        iso = _calendar(int(year[0]), int(tail[2]), int(tail[3]))
        if iso and text[start - 1 : start] not in {"/", "-"}:
            return FoundDate(start, tail.end(), iso)
    if preceded_by_digit:
        return None
    return _written_date(text, start, end, max(reach, start - _REACH)) or _numeric_date(text, start, end)


def _written_date(text: str, year_start: int, end: int, floor: int) -> FoundDate | None:
    if text[year_start - 1 : year_start] not in _MAY_PRECEDE_YEAR:
        return None
    for form in _BEFORE_YEAR:
        if hit := form.search(text, floor, year_start):
            return _from_written(hit, int(text[year_start:end]), end)
    return None


def _from_written(hit: re.Match[str], year: int, end: int) -> FoundDate | None:
    month = _MONTHS[hit["month"][:3].lower()]
    day = hit.groupdict().get("day")
    if day is None:
        # "the parties may 2020 times" is no date: a month alone has to look like one.
        iso = f"{year:04d}-{month:02d}" if hit["month"][0].isupper() else None
    else:
        iso = _calendar(year, month, int(day))
    return FoundDate(hit.start(), end, iso) if iso else None


def _numeric_date(text: str, year_start: int, end: int) -> FoundDate | None:
    if text[year_start - 1 : year_start] not in {"/", ".", "-", " "} or text[end : end + 1] in {"/", "-"}:
        return None
    floor = max(0, year_start - 14)
    hit = _NUMERIC_BEFORE_YEAR.search(text, floor, year_start)
    if hit is None:
        return None
    iso = _from_numbers(int(text[year_start:end]), int(hit[1]), int(hit[3]), day_first=hit[2] == ".")
    return FoundDate(hit.start(), end, iso) if iso else None


def _short_slash_dates(text: str) -> Iterator[FoundDate]:
    for hit in _SHORT_SLASH.finditer(text):
        before = text[hit.start() - 1 : hit.start()] if hit.start() else ""
        if before.isalnum() or before in {"/", "-", ".", "_"}:
            continue
        first, second, short = map(int, hit[0].split("/"))
        year = short + (1900 if short >= _TWO_DIGIT_PIVOT else 2000)
        if iso := _from_numbers(year, first, second, day_first=False):
            yield FoundDate(hit.start(), hit.end(), iso)


def _from_numbers(year: int, first: int, second: int, *, day_first: bool) -> str | None:
    day, month = (first, second) if day_first else (second, first)
    if month > 12:
        day, month = month, day
    return _calendar(year, month, day)


def _calendar(year: int, month: int, day: int) -> str | None:
    try:
        return date(year, month, day).isoformat() if FIRST_YEAR <= year <= LAST_YEAR else None
    except ValueError:
        return None


def parse_date(text: str) -> str | None:
    """The first date of the text in ISO form, possibly `YYYY-MM`; None without one."""
    return next((found.iso for found in find_dates(text)), None)


def year_of(iso: str) -> str:
    """`2020` of `2020-06-01`, `2020-06` or `2020`."""
    return iso[:4]


def month_of(iso: str) -> str | None:
    """`2020-06` of `2020-06-01` or `2020-06`; None of a year alone."""
    return iso[:7] if len(iso) >= 7 else None
