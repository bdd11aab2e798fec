"""Strict JSON: an object of texts that can be stored, or a refusal that says where it is wrong."""

import json
from typing import Any, NoReturn

from aws_lambda_powertools.event_handler.middlewares.openapi_validation import (
    OpenAPIRequestValidationMiddleware,
)
from aws_lambda_powertools.event_handler.types import EventHandlerInstance
from aws_lambda_powertools.utilities.data_classes.common import BaseProxyEvent

from census.domain.errors import FieldProblem, FieldsInvalidError
from census.domain.plan import JsonObject
from census.lambda_support.problems import MalformedBodyError, UnsupportedBodyError

MAX_DEPTH = 64
MAX_DIGITS = 1_000


class JsonBodyValidation(OpenAPIRequestValidationMiddleware):
    """Powertools' request validation over JSON objects alone.

    Powertools itself would read forms, take the first entry of a list for the object, and let NUL and lone
    surrogates through, which PostgreSQL cannot store.
    """

    def _get_body(self, app: EventHandlerInstance) -> dict[str, Any]:
        return json_body(app.current_event)  # type: ignore[return-value]  # None where there is no body


def json_body(event: BaseProxyEvent) -> JsonObject | None:
    """The body's object; None without a body.

    Raises UnsupportedBodyError, MalformedBodyError or FieldsInvalidError.
    """
    declared = str(event.headers.get("content-type") or "application/json").partition(";")[0].strip()
    try:
        text = event.decoded_body
    except ValueError:
        raise MalformedBodyError("The body is not text in UTF-8.") from None
    if not text:
        return None
    if declared.lower() != "application/json":
        raise UnsupportedBodyError(f"The body is {declared}; send JSON as application/json.")
    return _strict_object(text)


def _strict_object(text: str) -> JsonObject:
    try:
        value = json.loads(text, parse_constant=_refuse_constant, parse_int=_whole_number)
        fault = _unstorable(value, "")
    except RecursionError:
        raise FieldsInvalidError([FieldProblem("body", f"is nested more than {MAX_DEPTH} deep")]) from None
    except ValueError as error:
        raise MalformedBodyError(f"The body is not JSON: {error}.") from None
    if not isinstance(value, dict):
        raise FieldsInvalidError([FieldProblem("body", "must be an object")])
    if fault is not None:
        raise FieldsInvalidError([fault])
    return value


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON number")


def _whole_number(digits: str) -> int:
    """The number; Python itself refuses to read what is longer (its error tells of switches in Python)."""
    if len(digits) > MAX_DIGITS:
        raise ValueError(f"a number has {len(digits)} digits, {MAX_DIGITS} is the most")
    return int(digits)


def _unstorable(value: object, path: str, depth: int = 0) -> FieldProblem | None:
    """The first text that cannot be stored, or the first place that is nested too deep."""
    if depth > MAX_DEPTH:
        return FieldProblem(path, f"is nested more than {MAX_DEPTH} deep")
    if isinstance(value, str):
        bad = "\x00" in value or any("\ud800" <= character <= "\udfff" for character in value)
        return FieldProblem(path or "body", "holds a NUL or half a surrogate pair") if bad else None
    entries = (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    )
    for name, entry in entries:
        where = f"{path}.{name}" if path else str(name)
        found = _unstorable(str(name), where) or _unstorable(entry, where, depth + 1)
        if found is not None:
            return found
    return None
