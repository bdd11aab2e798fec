"""Values in canonical form: what SQL sums is a number, what it groups by year is a date."""

import re
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from census.domain.plan import FieldType
from census.domain.typed_values import MAX_VALUE_CHARACTERS, canonical_value

DATE = re.compile(r"\d{4}(-\d{2}(-\d{2})?)?", re.ASCII)
NUMBER = re.compile(r"-?\d+(\.\d+)?", re.ASCII)
claims = st.one_of(
    st.text(max_size=60),
    st.text("0123456789.,-$€ kmbnMUSDjune/ ٣²", max_size=30),
    st.text("1234567890", max_size=600),
)
units = st.none() | st.text(max_size=5) | st.sampled_from(["usd", "EUR", "$"])


@given(st.sampled_from(FieldType), claims, units)
def test_a_value_is_of_its_type_or_none(kind: FieldType, value: str, unit: str | None) -> None:
    found = canonical_value(kind, value, unit)
    if found is None:
        return
    canonical, currency = found
    if kind is FieldType.DATE:
        assert DATE.fullmatch(canonical)
    elif kind is FieldType.TEXT:
        assert canonical == " ".join(canonical.split())
        assert 0 < len(canonical) <= MAX_VALUE_CHARACTERS
    else:
        assert NUMBER.fullmatch(canonical)
        assert Decimal(canonical).is_finite()
    assert currency is None or (kind is FieldType.MONEY and re.fullmatch("[A-Z]{3}", currency))


@given(st.sampled_from(FieldType), claims, units)
def test_what_is_canonical_stays_as_it_is(kind: FieldType, value: str, unit: str | None) -> None:
    found = canonical_value(kind, value, unit)
    if found is not None:
        assert canonical_value(kind, *found) == found


@pytest.mark.parametrize(
    ("kind", "value", "unit", "found"),
    [
        (FieldType.DATE, "2020", None, ("2020", None)),
        (FieldType.DATE, "2020-06", None, ("2020-06", None)),
        (FieldType.DATE, "June 1, 2020", None, ("2020-06-01", None)),
        (FieldType.DATE, "soon", None, None),
        (FieldType.DATE, "2020-13", None, None),
        (FieldType.MONEY, "$2.5M", None, ("2500000", "USD")),
        (FieldType.MONEY, "1200.50", "eur", ("1200.5", "EUR")),
        (FieldType.MONEY, "1200.50", "dollars", ("1200.5", None)),
        (FieldType.MONEY, "free", None, None),
        (FieldType.NUMBER, "10 %", "%", ("10", None)),
        (FieldType.NUMBER, "-3", None, ("-3", None)),
        (FieldType.TEXT, "  New \n York ", None, ("New York", None)),
        (FieldType.TEXT, " \n ", None, None),
    ],
)
def test_values_are_read_as_people_write_them(
    kind: FieldType, value: str, unit: str | None, found: tuple[str, str | None] | None
) -> None:
    assert canonical_value(kind, value, unit) == found
