"""What model calls cost: US dollars per million tokens, in decimals, never in floats.

UnknownPriceError   no price for the model; the message says how to give one
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_UP, Decimal, InvalidOperation

from census.domain.errors import CensusError, FieldProblem, FieldsInvalidError
from census.domain.usage import Usage

MILLION = Decimal(1_000_000)
SMALLEST = Decimal("0.000001")
_DATED = re.compile(r"-(\d{4}-\d{2}-\d{2}|\d{4}|\d{8})")


@dataclass(frozen=True)
class Price:
    """US dollars per million tokens. `cached_input` is for input the vendor still has in its cache."""

    input: Decimal
    cached_input: Decimal
    output: Decimal


class UnknownPriceError(CensusError):
    """There is no price for this model, so nothing can be estimated or capped."""

    def __init__(self, model: str) -> None:
        self.model = model
        example = json.dumps({model: {"input": "0.25", "cached_input": "0.025", "output": "2"}})
        super().__init__(
            f"There is no price for the model {model!r}. Give one in US dollars per million tokens, "
            f"with MODEL_PRICES={example}; all zero if the model costs nothing."
        )


def _price(input_: str, cached_input: str, output: str) -> Price:
    return Price(Decimal(input_), Decimal(cached_input), Decimal(output))


_FREE = _price("0", "0", "0")

# The vendor's public list prices for the standard tier.
PRICES: Mapping[str, Price] = {
    "gpt-5.4": _price("2.50", "0.25", "15"),
    "gpt-5.4-mini": _price("0.75", "0.075", "4.50"),
    "gpt-5.4-nano": _price("0.20", "0.02", "1.25"),
    "gpt-5": _price("1.25", "0.125", "10"),
    "gpt-5-mini": _price("0.25", "0.025", "2"),
    "gpt-5-nano": _price("0.05", "0.005", "0.40"),
    "gpt-4.1": _price("2", "0.50", "8"),
    "gpt-4.1-mini": _price("0.40", "0.10", "1.60"),
    "gpt-4o": _price("2.50", "1.25", "10"),
    "gpt-4o-mini": _price("0.15", "0.075", "0.60"),
    "text-embedding-3-small": _price("0.02", "0.02", "0"),
    "text-embedding-3-large": _price("0.13", "0.13", "0"),
    "lexical": _FREE,
    "hashed": _FREE,
}


def price_of(model: str, overrides: Mapping[str, Price] | None = None) -> Price:
    """The price of a model, or of the family that a dated name (`gpt-5-mini-2025-08-07`) belongs to.

    The longest fitting name wins, and an override wins over the table at the same length. Only a date may
    follow the family's name: `gpt-5-pro` is no `gpt-5`, and a wrong price is worse than none.
    Raises UnknownPriceError.
    """
    table = {**PRICES, **(overrides or {})}
    fitting = [name for name in table if _belongs(model, name)]
    if not fitting:
        raise UnknownPriceError(model)
    return table[max(fitting, key=len)]


def _belongs(model: str, name: str) -> bool:
    return model == name or (model.startswith(name) and _DATED.fullmatch(model[len(name) :]) is not None)


def cost(price: Price, *, input_tokens: int, output_tokens: int = 0, cached_input_tokens: int = 0) -> Decimal:
    """US dollars for these tokens, rounded up to a millionth of a dollar.

    `cached_input_tokens` are the part of `input_tokens` that came from the vendor's cache.
    Raises ValueError when that part is larger than the whole, or a number is negative.
    """
    fresh = input_tokens - cached_input_tokens
    if min(fresh, cached_input_tokens, output_tokens) < 0:
        raise ValueError(
            f"Tokens must be at least 0, cached ones at most all of the input: input {input_tokens}, "
            f"cached {cached_input_tokens}, output {output_tokens}."
        )
    dollars = fresh * price.input + cached_input_tokens * price.cached_input + output_tokens * price.output
    return (dollars / MILLION).quantize(SMALLEST, rounding=ROUND_UP)


def price_usage(usage: Usage, standard: str, overrides: Mapping[str, Price] | None = None) -> Decimal:
    """US dollars for usage of any models, each at its own price; `standard` is the model of unnamed usage.

    No usage at all is priced as the standard model's, so that a price that is missing shows before a call.
    Raises UnknownPriceError.
    """
    parts = usage.by_model() or (usage,)
    return sum((_price_part(part, price_of(part.model or standard, overrides)) for part in parts), Decimal(0))


def _price_part(part: Usage, price: Price) -> Decimal:
    return cost(
        price,
        input_tokens=part.input_tokens,
        output_tokens=part.output_tokens,
        cached_input_tokens=part.cached_input_tokens,
    )


def prices_from_json(text: str) -> dict[str, Price]:
    """Overrides from `{"model": {"input": "0.25", "cached_input": "0.025", "output": "2"}}`.

    `cached_input` may be left out and is then `input`; `output` too, and is then 0. Numbers may be JSON
    numbers or texts. Raises FieldsInvalidError with the path of each bad one.
    """
    try:
        data = json.loads(text, parse_float=Decimal, parse_int=Decimal)
    except json.JSONDecodeError as error:
        raise FieldsInvalidError([FieldProblem("prices", f"is not JSON: {error}")]) from error
    if not isinstance(data, dict):
        raise FieldsInvalidError([FieldProblem("prices", "must be an object, model name to price")])
    problems: list[FieldProblem] = []
    prices = {model: _read_price(model, entry, problems) for model, entry in data.items()}
    if problems:
        raise FieldsInvalidError(problems)
    return prices


def _read_price(model: str, entry: object, problems: list[FieldProblem]) -> Price:
    if not isinstance(entry, Mapping) or "input" not in entry:
        problems.append(FieldProblem(model, "must be an object with input, cached_input and output"))
        return _FREE
    unknown = sorted(set(entry) - {"input", "cached_input", "output"})
    problems += [FieldProblem(f"{model}.{name}", "is not a part of a price") for name in unknown]
    values = {
        "input": entry["input"],
        "cached_input": entry.get("cached_input", entry["input"]),
        "output": entry.get("output", "0"),
    }
    return Price(**{name: _dollars(f"{model}.{name}", value, problems) for name, value in values.items()})


def _dollars(path: str, value: object, problems: list[FieldProblem]) -> Decimal:
    try:
        amount = Decimal(value) if isinstance(value, str | Decimal) else Decimal("NaN")
    except InvalidOperation:
        amount = Decimal("NaN")
    if not amount.is_finite() or amount < 0:
        problems.append(FieldProblem(path, "must be a decimal number of at least 0"))
        return Decimal(0)
    return amount
