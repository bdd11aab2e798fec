"""Prices are decimals, unknown models are an error, and costs are never rounded down."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from census.domain.errors import FieldsInvalidError
from census.domain.prices import PRICES, Price, UnknownPriceError, cost, price_of, prices_from_json

FREE_MODEL = Price(Decimal(0), Decimal(0), Decimal(0))
TOKENS = st.integers(min_value=0, max_value=10**9)


def test_a_dated_name_has_the_price_of_its_family() -> None:
    assert price_of("gpt-5-mini-2025-08-07") == PRICES["gpt-5-mini"]


@pytest.mark.parametrize("model", ["gpt-5-pro", "gpt-5.9", "gpt-4o-audio-preview", "gpt-5-minimal", "", "g"])
def test_a_name_that_only_begins_like_a_known_one_has_no_price(model: str) -> None:
    with pytest.raises(UnknownPriceError):
        price_of(model)


def test_the_longest_fitting_name_wins() -> None:
    dated = Price(Decimal(9), Decimal(9), Decimal(9))
    assert price_of("gpt-5-2025-08-07", {"gpt-5-2025-08-07": dated}) == dated
    assert price_of("gpt-5-2025-08-08", {"gpt-5-2025-08-07": dated}) == PRICES["gpt-5"]


def test_an_override_wins_over_the_table() -> None:
    assert price_of("gpt-5", {"gpt-5": FREE_MODEL}) == FREE_MODEL


@pytest.mark.parametrize("model", ["lexical", "hashed"])
def test_what_runs_on_this_machine_costs_nothing(model: str) -> None:
    assert cost(price_of(model), input_tokens=10**9, output_tokens=10**9) == 0


def test_the_error_for_an_unknown_model_says_how_to_give_its_price() -> None:
    with pytest.raises(UnknownPriceError) as caught:
        price_of("house-model")
    message = str(caught.value)
    example = message.split("MODEL_PRICES=")[1].split("; all zero")[0]
    assert price_of("house-model", prices_from_json(example)).output == 2


def test_input_cached_input_and_output_are_priced_apart() -> None:
    price = Price(Decimal("1.25"), Decimal("0.125"), Decimal(10))
    total = cost(price, input_tokens=1_000_000, cached_input_tokens=400_000, output_tokens=100_000)
    assert total == Decimal("0.75") + Decimal("0.05") + Decimal(1)


def test_a_single_token_costs_at_least_the_smallest_unit() -> None:
    assert cost(PRICES["gpt-5-nano"], input_tokens=1) == Decimal("0.000001")


@given(TOKENS, TOKENS)
def test_a_cost_is_never_below_the_exact_amount_and_less_than_a_unit_above(inputs: int, outputs: int) -> None:
    price = PRICES["gpt-5-mini"]
    exact = (inputs * price.input + outputs * price.output) / Decimal(1_000_000)
    rounded = cost(price, input_tokens=inputs, output_tokens=outputs)
    assert exact <= rounded < exact + Decimal("0.000001")


@pytest.mark.parametrize("tokens", [{"input_tokens": -1}, {"input_tokens": 1, "cached_input_tokens": 2}])
def test_impossible_token_counts_are_refused(tokens: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="at least 0"):
        cost(FREE_MODEL, **tokens)


def test_prices_given_as_json_numbers_stay_exact() -> None:
    prices = prices_from_json('{"house": {"input": 0.1, "output": 1}}')
    assert prices["house"] == Price(Decimal("0.1"), Decimal("0.1"), Decimal(1))


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("{", "prices"),
        ("[]", "prices"),
        ('{"m": 3}', "m"),
        ('{"m": {"input": -1}}', "m.input"),
        ('{"m": {"input": "a lot"}}', "m.input"),
        ('{"m": {"input": "NaN"}}', "m.input"),
        ('{"m": {"input": true}}', "m.input"),
        ('{"m": {"input": 1, "outptu": 2}}', "m.outptu"),
    ],
)
def test_a_bad_price_is_named_by_its_path(text: str, path: str) -> None:
    with pytest.raises(FieldsInvalidError) as caught:
        prices_from_json(text)
    assert path in {problem.path for problem in caught.value.problems}
