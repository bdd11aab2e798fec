"""Usage adds up by model, in any order, and each model is priced as its own."""

from decimal import Decimal
from functools import reduce
from operator import add

import pytest
from hypothesis import given
from hypothesis import strategies as st

from census.domain.prices import UnknownPriceError, price_usage, prices_from_json
from census.domain.usage import Usage

TOKENS = st.integers(min_value=0, max_value=10**9)
USAGES = st.builds(Usage, TOKENS, TOKENS, TOKENS, TOKENS, st.sampled_from([None, "gpt-5", "gpt-5-mini"]))
SUMS = st.lists(USAGES, max_size=8).map(lambda usages: reduce(add, usages, Usage()))


@given(SUMS, SUMS, SUMS)
def test_order_and_grouping_do_not_matter(a: Usage, b: Usage, c: Usage) -> None:
    assert a + b == b + a
    assert (a + b) + c == a + (b + c)


@given(SUMS)
def test_nothing_added_changes_nothing(usage: Usage) -> None:
    assert usage + Usage() == usage


@given(SUMS)
def test_totals_are_the_sum_over_the_models_and_each_model_stands_once(usage: Usage) -> None:
    parts = usage.by_model()
    assert usage.calls == sum(part.calls for part in parts)
    assert usage.input_tokens == sum(part.input_tokens for part in parts)
    assert len({part.model for part in parts}) == len(parts)


def test_each_model_has_its_own_price() -> None:
    million = 10**6
    usage = Usage(1, million, model="gpt-5-mini") + Usage(1, million, model="gpt-5")
    assert price_usage(usage, "gpt-5-mini") == Decimal("0.25") + Decimal("1.25")


def test_unnamed_usage_is_the_standard_models() -> None:
    assert price_usage(Usage(1, 10**6), "gpt-5-nano") == Decimal("0.05")


def test_input_from_the_vendors_cache_is_cheaper() -> None:
    usage = Usage(1, 10**6, 0, 900_000, "gpt-5-mini")
    assert price_usage(usage, "gpt-5-mini") == Decimal("0.025") + Decimal("0.0225")


def test_a_stronger_model_without_a_price_is_an_error_before_any_token_is_spent() -> None:
    with pytest.raises(UnknownPriceError, match="house-large"):
        price_usage(Usage(1, 10) + Usage(1, 10, model="house-large"), "gpt-5-mini")
    given_price = prices_from_json('{"house-large": {"input": "0"}}')
    assert price_usage(Usage(1, 10, model="house-large"), "gpt-5-mini", given_price) == 0


def test_no_usage_of_an_unknown_model_is_an_error_too() -> None:
    with pytest.raises(UnknownPriceError, match="MODEL_PRICES"):
        price_usage(Usage(), "house-small")
