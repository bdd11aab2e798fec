"""Prices for tests of something else."""

from decimal import Decimal

from census.domain.usage import Usage


def free(_usage: Usage) -> Decimal:
    """No price at all."""
    return Decimal(0)
