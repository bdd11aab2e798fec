"""`python -m tests.database.previous_release`: writes down the statements this release sends.

Run it when a release is made; from then on the tests hold every later schema to these statements, each with
values it was really sent with, for the driver tells the server their types.
"""

import datetime as dt
import json
import re
import uuid
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, event

from infra.local.postgres import DATABASE
from tests.chaos.tenants import walk
from tests.database.servers import running

STATEMENTS = Path(__file__).with_suffix(".json")
_TYPES: dict[str, Callable[[Any], Any]] = {
    "uuid": uuid.UUID,
    "decimal": Decimal,
    "time": dt.datetime.fromisoformat,
    "seconds": lambda seconds: dt.timedelta(seconds=seconds),
}


def to_json(value: Any) -> Any:
    """A value as JSON that `from_json` gives back with its type."""
    if isinstance(value, list | tuple):
        return [to_json(one) for one in value]
    if isinstance(value, uuid.UUID | Decimal):
        return {type(value).__name__.lower(): str(value)}
    if isinstance(value, dt.timedelta):
        return {"seconds": value.total_seconds()}
    return {"time": value.isoformat()} if isinstance(value, dt.datetime) else value


def from_json(value: Any) -> Any:
    """The value of `to_json`."""
    if isinstance(value, list):
        return [from_json(one) for one in value]
    if isinstance(value, dict):
        ((kind, text),) = value.items()
        return _TYPES[kind](text)
    return value


def read() -> list[tuple[str, list[Any]]]:
    """The statements as the driver takes them, and their values."""
    return [(one["statement"], from_json(one["values"])) for one in json.loads(STATEMENTS.read_text())]


def main() -> None:
    """Take every step of the two tenants; keep the distinct statements with the fullest of their values."""
    seen: dict[str, list[Any]] = {}

    def nulls(values: list[Any]) -> int:
        return sum(value is None for value in values)

    @event.listens_for(Engine, "before_cursor_execute")
    def note(*arguments: Any) -> None:
        statement, values = re.sub(r"\s+", " ", arguments[2]).strip(), list(arguments[3])
        wanted = re.match(r"(SELECT|INSERT|UPDATE|DELETE|WITH)\b", statement) and " FROM pg_" not in statement
        if wanted and (statement not in seen or nulls(values) < nulls(seen[statement])):
            seen[statement] = values

    with running(18) as server:
        seen.clear()
        walk(server.url(DATABASE), 600, seed=1)
    unwanted = ("alembic_version", "string_agg(t::text")
    kept = [
        {"statement": statement, "values": to_json(values)}
        for statement, values in sorted(seen.items())
        if not any(part in statement for part in unwanted)
    ]
    STATEMENTS.write_text(json.dumps(kept, indent=1, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
