"""Lists as the HTTP interface shows them: `{items, next_cursor}`, times in ISO 8601 UTC."""

import datetime as dt
from collections.abc import Callable, Sequence
from typing import TypeVar

from census.domain.cursor import Cursor, encode_cursor
from census.domain.plan import JsonObject

Row = TypeVar("Row")


def page_to_json(
    rows: Sequence[Row],
    limit: int,
    to_json: Callable[[Row], JsonObject],
    cursor_of: Callable[[Row], Cursor],
) -> JsonObject:
    """A page from up to `limit + 1` rows: the row too many only says that there is a next page."""
    shown = rows[:limit]
    more = len(rows) > limit
    return {
        "items": [to_json(row) for row in shown],
        "next_cursor": encode_cursor(cursor_of(shown[-1])) if more else None,
    }


def iso_utc(time: dt.datetime | None) -> str | None:
    """A time as ISO 8601 in UTC, ending in Z."""
    return None if time is None else time.astimezone(dt.UTC).isoformat().replace("+00:00", "Z")
