"""A model's value in canonical form, or none: what SQL groups and sums must be of the type it says."""

import re

from census.domain.plan import FieldType
from census.domain.values import parse_amount, parse_date, plain

_PARTIAL_ISO = re.compile(r"(1[0-9]{3}|20[0-9]{2}|2100)(-(0[1-9]|1[0-2]))?")
_CURRENCY = re.compile(r"[A-Z]{3}")
MAX_VALUE_CHARACTERS = 500


def canonical_value(kind: FieldType, value: str, unit: str | None) -> tuple[str, str | None] | None:
    """The value as (canonical text, unit), or None when it is not of this type.

    Dates become ISO (`2020`, `2020-06` or `2020-06-01`), amounts a plain decimal with a currency code of
    three letters where one is known, numbers a plain decimal, texts lose surplus white space.
    """
    tidy = " ".join(value.split())[:MAX_VALUE_CHARACTERS]
    if not tidy:
        return None
    if kind is FieldType.DATE:
        iso = tidy if _PARTIAL_ISO.fullmatch(tidy) else parse_date(tidy)
        return (iso, None) if iso else None
    if kind is FieldType.TEXT:
        return tidy, None
    found = parse_amount(tidy)
    if found is None:
        return None
    currency = found.currency or (unit.upper() if unit and _CURRENCY.fullmatch(unit.upper()) else None)
    return plain(found.value), currency if kind is FieldType.MONEY else None
