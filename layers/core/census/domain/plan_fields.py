"""Reads single fields of JSON that nobody checked yet, noting what is wrong with each by its path."""

import datetime as dt
import uuid
from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any, TypeVar

from census.domain.errors import FieldProblem

MAX_TEXT = 2_000
MAX_ENTRIES = 1_000
MAX_NUMBER = 10_000
MAX_EDGES = 50
LONGEST_PATH = 200

T = TypeVar("T")
E = TypeVar("E", bound=StrEnum)


class FieldReader:
    """Collects problems instead of stopping at the first, so that a person mends everything in one go."""

    def __init__(self) -> None:
        self.problems: list[FieldProblem] = []

    def bad(self, path: str, message: str) -> None:
        """Note a problem. A path may hold names that somebody sent; it is shown as far as it can be."""
        shown = path.encode(errors="backslashreplace").decode()[:LONGEST_PATH]
        self.problems.append(FieldProblem(shown or '""', message))

    def optional(
        self, data: Mapping[Any, Any], name: str, read: Callable[[str, object], T | None]
    ) -> T | None:
        """What `read` makes of a field; None where it is null or missing."""
        return None if data.get(name) is None else read(name, data[name])

    def unknown(self, data: Mapping[Any, Any], known: set[str], prefix: str, what: str) -> None:
        """Note every name that is not known."""
        for name in sorted(set(map(str, data)) - known):
            self.bad(f"{prefix}{name}", f"is not {what}")

    def enum(self, path: str, value: object, default: E) -> E:
        """A value of the default's enum, or the default."""
        kind = type(default)
        try:
            return kind(str(value))
        except ValueError:
            self.bad(path, f"must be one of {', '.join(member.value for member in kind)}")
            return default

    def text(self, path: str, value: object, *, required: bool = True) -> str:
        """A text that can be stored; empty where it may be missing and is."""
        if value is None and not required:
            return ""
        if not isinstance(value, str) or (required and not value.strip()):
            self.bad(path, "must be a text")
            return ""
        if len(value) > MAX_TEXT:
            self.bad(path, f"must be at most {MAX_TEXT} characters")
        if not _storable(value):
            self.bad(path, "holds a zero character or half a character, which no text can hold")
            return ""
        return value

    def texts(self, path: str, value: object) -> tuple[str, ...]:
        """A list of texts; empty where it is missing."""
        if value is None:
            return ()
        if not isinstance(value, list) or len(value) > MAX_ENTRIES:
            self.bad(path, f"must be a list of at most {MAX_ENTRIES} texts")
            return ()
        return tuple(self.text(f"{path}.{index}", entry) for index, entry in enumerate(value))

    def entries(self, path: str, value: object, most: int) -> list[tuple[str, Mapping[Any, Any]]]:
        """The objects of a list, each with its path."""
        if not isinstance(value, list) or len(value) > most:
            self.bad(path, f"must be a list of at most {most}")
            return []
        found = []
        for index, entry in enumerate(value):
            if isinstance(entry, Mapping):
                found.append((f"{path}.{index}", entry))
            else:
                self.bad(f"{path}.{index}", "must be an object")
        return found

    def positive(self, path: str, value: object) -> int | None:
        """A whole number from 1."""
        if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= MAX_NUMBER:
            self.bad(path, f"must be a whole number from 1 to {MAX_NUMBER}")
            return None
        return value

    def decimals(self, path: str, value: object) -> tuple[Decimal, ...]:
        """A list of finite numbers, as numbers or as texts; empty where it is missing."""
        if value is None:
            return ()
        if not isinstance(value, list) or len(value) > MAX_EDGES:
            self.bad(path, f"must be a list of at most {MAX_EDGES} numbers")
            return ()
        found = [_decimal(entry) for entry in value]
        for index, number in enumerate(found):
            if number is None:
                self.bad(f"{path}.{index}", "must be a number of at most 30 digits")
        return tuple(number for number in found if number is not None)

    def uuids(self, path: str, value: object) -> tuple[str, ...]:
        """A list of UUIDs, as they were written."""
        found = self.texts(path, value)
        for index, entry in enumerate(found):
            try:
                uuid.UUID(entry)
            except ValueError:
                self.bad(f"{path}.{index}", "must be a UUID")
        return found

    def time(self, path: str, value: object) -> str | None:
        """A date or a time in ISO 8601, as it was written."""
        if value is None:
            return None
        text = self.text(path, value)
        try:
            parse_time(text)
        except (ValueError, OverflowError):
            self.bad(path, "must be a date or a time in ISO 8601, such as 2026-11-22T10:00:00Z")
        return text


def parse_time(text: str) -> dt.datetime:
    """A moment in UTC from ISO 8601; without an offset it is UTC. Raises ValueError or OverflowError."""
    moment = dt.datetime.fromisoformat(text)
    return moment.replace(tzinfo=dt.UTC) if moment.tzinfo is None else moment.astimezone(dt.UTC)


def _decimal(entry: object) -> Decimal | None:
    """The number, unless it is none or too long to be anyone's amount."""
    if isinstance(entry, bool) or not isinstance(entry, int | float | str) or len(str(entry)) > 30:
        return None
    try:
        number = Decimal(str(entry))
    except InvalidOperation:
        return None
    return number if number.is_finite() and abs(number.adjusted()) <= 30 else None


def _storable(text: str) -> bool:
    return "\x00" not in text and not any("\ud800" <= character <= "\udfff" for character in text)
