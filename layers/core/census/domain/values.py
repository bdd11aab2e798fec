"""Values in plain text: dates, amounts of money, numbers. Standard library only, linear in the text."""

from census.domain.amounts import FoundAmount, find_amounts, find_numbers, parse_amount, plain
from census.domain.dates import FoundDate, find_dates, month_of, parse_date, year_of

__all__ = [
    "FoundAmount",
    "FoundDate",
    "find_amounts",
    "find_dates",
    "find_numbers",
    "month_of",
    "parse_amount",
    "parse_date",
    "plain",
    "year_of",
]
