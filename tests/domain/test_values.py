"""Dates, amounts and numbers in text, by our own rules."""

import re
from datetime import date
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from census.domain.values import (
    find_amounts,
    find_dates,
    find_numbers,
    month_of,
    parse_amount,
    parse_date,
    plain,
    year_of,
)
from tests.growth import grows_linearly

MONTHS = (
    "January", "February", "March", "April", "May", "June", "July",
    "August", "September", "October", "November", "December",
)  # fmt: skip


def ordinal(day: int) -> str:
    suffix = "th" if 10 <= day % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(day % 10, "th")
    return f"{day}{suffix}"


def written_forms(day: date) -> list[str]:
    month = MONTHS[day.month - 1]
    forms = [
        f"{month} {day.day}, {day.year}",
        f"{month.upper()} {day.day}, {day.year}",
        f"{month} {day.day} , {day.year}",
        f"{month} {day.day:02d},{day.year}",
        f"{month} {ordinal(day.day)}, {day.year}",
        f"{month[:3]}. {day.day} {day.year}",
        f"{month[:3]} {day.day}, {day.year}",
        f"{day.day} {month} {day.year}",
        f"{day.day} {month}, {day.year}",
        f"{day.day}-{month[:3]}-{day.year}",
        f"{ordinal(day.day)} {month} {day.year}",
        f"{ordinal(day.day)} of {month}, {day.year}",
        f"{ordinal(day.day)} day of {month}, {day.year}",
        f"{ordinal(day.day)} day of {month} {day.year}",
        f"{ordinal(day.day)} day\nof {month},\n{day.year}",
        f"{day.month}/{day.day}/{day.year}",
        f"{day.month:02d}/{day.day:02d}/{day.year}",
        f"{day.day}.{day.month}.{day.year}",
        f"{day.day:02d}.{day.month:02d}.{day.year}",
        f"{day.year}/{day.month:02d}/{day.day:02d}",
        day.isoformat(),
    ]
    if 1970 <= day.year <= 2069:
        forms.append(f"{day.month:02d}/{day.day:02d}/{day.year % 100:02d}")
    return forms


@given(st.dates(date(1900, 1, 1), date(2100, 12, 31)))
def test_a_date_is_found_in_every_form_it_is_written_in(day: date) -> None:
    for form in written_forms(day):
        for text in (form, f"Dated as of {form}, by and between", f"({form})", f"{form}."):
            found = list(find_dates(text))

            assert [f.iso for f in found] == [day.isoformat()], text
            assert text[found[0].start : found[0].end] == form


@given(st.lists(st.dates(date(1970, 1, 1), date(2069, 12, 31)), max_size=8), st.randoms())
def test_dates_are_found_in_the_order_of_the_text(days: list[date], random: "object") -> None:
    text = "; then ".join(written_forms(day)[(day.day * 7) % 22] for day in days)

    assert [f.iso for f in find_dates(text)] == [day.isoformat() for day in days]


@given(st.text(alphabet="0123456789/.-, JuneMay stofday\n_[]", max_size=200))
def test_any_text_gives_ordered_spans_inside_it(text: str) -> None:
    found = list(find_dates(text))

    assert all(0 <= f.start < f.end <= len(text) for f in found)
    assert all(a.end <= b.start for a, b in pairwise(found))
    assert all(re.fullmatch(r"\d{4}-\d\d(-\d\d)?", f.iso) for f in found)


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("June 2020", "2020-06"),
        ("Made in May of 2018", "2018-05"),
        ("dated as of May ___, 2013", "2013-05"),
        ("this [__] day of March, 2013", "2013-03"),
        ("25/12/2020", "2020-12-25"),
        ("6.13.2020", "2020-06-13"),
        ("on 2020-06-01T10:00:00Z", "2020-06-01"),
        ("the 20t h day of November, 2018", "2018-11-20"),
        ("April. 1st 2019", "2019-04-01"),
        ("31 day of July, 2000", "2000-07-31"),
        ("12/31/99", "1999-12-31"),
        ("1/1/69 and 1/1/70", "2069-01-01"),
    ],
)
def test_unusual_dates_are_read(text: str, iso: str) -> None:
    assert parse_date(text) == iso


@pytest.mark.parametrize(
    "text",
    [
        "in 2020", "May 10", "13/45/2020", "February 30, 2020", "30/30/20", "June 1, 1899", "June 1, 2101",
        "they may 2020 times", "section 1.6.20204", "1/2/2020/3", "call 555-2020", "No. 12020-06-011", "",
    ],
)  # fmt: skip
def test_what_is_no_date_is_not_read_as_one(text: str) -> None:
    assert parse_date(text) is None


def test_year_and_month_of_a_partial_date() -> None:
    assert (year_of("2020-06"), month_of("2020-06-01"), month_of("2020")) == ("2020", "2020-06", None)


@pytest.mark.parametrize(
    ("text", "span", "value", "currency"),
    [
        ("a fee of $1,200.50.", "$1,200.50", "1200.5", "USD"),
        ("US$ 2.5M a year", "US$ 2.5M", "2500000", "USD"),
        ("USD 3 million", "USD 3 million", "3000000", "USD"),
        ("$3 billion", "$3 billion", "3000000000", "USD"),
        ("costs 1,000 euros", "1,000 euros", "1000", "EUR"),
        ("1,000\neuros", "1,000\neuros", "1000", "EUR"),
        ("£5k", "£5k", "5000", "GBP"),
        ("EUR 1.200,50", "EUR 1.200,50", "1200.5", "EUR"),
        ("€ 12,50", "€ 12,50", "12.5", "EUR"),
        ("€1.200", "€1.200", "1.2", "EUR"),
        ("C$5", "C$5", "5", "CAD"),
        ("USD5", "USD5", "5", "USD"),
        ("a credit of -$40", "-$40", "-40", "USD"),
        ("100 CHF", "100 CHF", "100", "CHF"),
        ("5 Canadian dollars", "5 Canadian dollars", "5", "CAD"),
        ("one hundred dollars ($100.00)", "$100.00", "100", "USD"),
    ],
)
def test_an_amount_is_read_with_its_currency(text: str, span: str, value: str, currency: str) -> None:
    (found,) = find_amounts(text)

    assert (text[found.start : found.end], plain(found.value), found.currency) == (span, value, currency)


@pytest.mark.parametrize(
    "text", ["10%", "1,200", "Section 5.1.2", "A4", "Currency: EUR\n\n1. Goods", "$", ""]
)
def test_a_number_without_a_currency_is_no_amount(text: str) -> None:
    assert list(find_amounts(text)) == []


@given(st.decimals(0, 10**9, places=2), st.sampled_from([("$", "USD"), ("€", "EUR"), ("USD ", "USD")]))
def test_an_amount_written_in_english_keeps_its_value(value: Decimal, currency: tuple[str, str]) -> None:
    sign, code = currency
    text = f"It costs {sign}{value:,.2f} in all"

    (found,) = find_amounts(text)

    assert (found.value, found.currency) == (value, code)


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("30 days and 1,200 hours", ["30", "1200"]),
        ("10 % or 2.5", ["10", "2.5"]),
        ("3 million rows", ["3000000"]),
        ("-5 degrees", ["-5"]),
        ("sections 5.1.2, A4 and 10th", []),
    ],
)
def test_plain_numbers_are_read_in_order(text: str, values: list[str]) -> None:
    assert [plain(n.value) for n in find_numbers(text)] == values


def test_an_amount_without_currency_is_parsed_as_a_number() -> None:
    found = parse_amount("1,200.50")

    assert found is not None
    assert (found.value, found.currency) == (Decimal("1200.50"), None)
    assert parse_amount("nothing") is None


@pytest.mark.parametrize("piece", ["1", "1,", "1/", "2020 ", "June 1 ", "_", "$", "1.1", " \n"])
def test_hostile_text_is_read_in_linear_time(piece: str) -> None:
    def find(size: int) -> None:
        text = piece * (size // len(piece))
        list(find_dates(text))
        list(find_amounts(text))

    assert grows_linearly(find, 200_000)
