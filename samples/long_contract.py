"""Composes the one long contract of the collection, about 6,700 words of invented text.

It is longer than one reading window (6,000 tokens) on purpose: its audit clause stands near the start, its
limitation of liability near the end, so that "has both" can only be answered by joining windows.
"""

import tomllib
from itertools import product
from pathlib import Path
from typing import Any

PARTS = Path(__file__).with_suffix(".toml")
POOLS = ("scope", "routine", "material", "measure", "urgent")
FIRST_SHEET = 6  # sections 1 to 5 are the general terms


def compose() -> str:
    """The whole agreement in the light mark-up of the sources folder; the same text each time."""
    parts = tomllib.loads(PARTS.read_text("utf-8"))
    pairs = product(parts["places"], parts["services"])
    sheets = [_sheet(number, place, service, parts) for number, (place, service) in enumerate(pairs, 1)]
    return "\n".join([parts["opening"], "# Service sheets\n", *sheets, parts["closing"]])


def _sheet(number: int, place: dict[str, Any], service: dict[str, str], parts: dict[str, Any]) -> str:
    """One service at one place; every choice and every figure follows from its number."""
    values = {**service, "place": place["name"], "extent": place["extent"]} | _figures(number, place["beds"])
    chosen = [parts[pool][(number * (i + 1) + i) % len(parts[pool])] for i, pool in enumerate(POOLS)]
    price = 4_000 + 37 * number * place["teams"] + 11 * place["beds"]
    terms = f"Monthly price: EUR {price:,}.00\nTeam: {place['teams'] * 4} people"
    heading = f"## {FIRST_SHEET + number - 1}. {service['title']}, {place['name']}"
    return "\n\n".join([heading, terms, *(text.format(**values) for text in chosen)]) + "\n"


def _figures(number: int, beds: int) -> dict[str, int]:
    allowed = 3 + number % 5
    return {
        "hour": 5 + number % 3,
        "months": 6 + number % 7,
        "small": 80 + 10 * (number % 9),
        "samples": 20 + beds // 20 + number % 4,
        "allowed": allowed,
        "limit": allowed + 6,
        "minutes": 15 + 5 * (number % 6),
    }
