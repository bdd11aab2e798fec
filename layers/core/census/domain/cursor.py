"""Where the next page of a list begins: the sort key of the last row seen, opaque to clients."""

import base64
import binascii
import datetime as dt
import json
import uuid
from dataclasses import dataclass

from census.domain.errors import FieldProblem, FieldsInvalidError

DEFAULT_LIMIT = 50
MAX_LIMIT = 200
MAX_DIGITS = 9  # of an ordinal, an INTEGER in the database


@dataclass(frozen=True)
class Cursor:
    """A row's time (UTC, to the microsecond) and id, in the order lists are sorted by."""

    at: dt.datetime
    id: uuid.UUID


@dataclass(frozen=True)
class PageRequest:
    """At most `limit` rows that follow `after`; from the beginning without it."""

    limit: int = DEFAULT_LIMIT
    after: Cursor | None = None


def encode_cursor(cursor: Cursor) -> str:
    """The cursor as URL-safe text."""
    content = json.dumps([cursor.at.astimezone(dt.UTC).isoformat(), cursor.id.hex])
    return base64.urlsafe_b64encode(content.encode()).decode().rstrip("=")


def encode_ordinal(ordinal: int) -> str:
    """The cursor of a list whose rows are numbered."""
    return base64.urlsafe_b64encode(str(ordinal).encode()).decode().rstrip("=")


def decode_ordinal(text: str) -> int:
    """What `encode_ordinal` wrote. Raises FieldsInvalidError for anything else."""
    try:
        digits = base64.urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4)).decode("ascii")
        if not digits.isdecimal() or len(digits) > MAX_DIGITS:
            raise ValueError(digits)
        return int(digits)
    except ValueError:
        raise _not_a_cursor() from None


def _not_a_cursor() -> FieldsInvalidError:
    problem = FieldProblem("cursor", "is not a cursor of this list; take next_cursor from its last page")
    return FieldsInvalidError([problem])


def decode_cursor(text: str) -> Cursor:
    """What `encode_cursor` wrote. Raises FieldsInvalidError for anything else."""
    try:
        content = base64.urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
        at, identifier = json.loads(content)
        moment = dt.datetime.fromisoformat(at)
        if moment.tzinfo is None:
            raise ValueError(at)
        return Cursor(moment.astimezone(dt.UTC), uuid.UUID(hex=identifier))
    except (ValueError, TypeError, AttributeError, OverflowError, binascii.Error, RecursionError):
        raise _not_a_cursor() from None
