"""From the text of a reply to what the port promises. What was not asked is dropped, never guessed.

Quotes and values stay as the model wrote them: the engine checks them against the source.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from census.adapters.openai.completions import Completion
from census.domain.errors import FieldProblem, PlanInvalidError
from census.domain.plan import Atom
from census.domain.plan_codec import plan_from_json
from census.ports.language_model import (
    LookupStatement,
    ModelReplyInvalidError,
    PassageText,
    PlanReply,
    ReadAtom,
    ReadRequest,
    ReadStatus,
    ReadValue,
    Route,
)

_ZERO = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")

Readings = dict[str, dict[str, ReadAtom]]


def readings_in(completion: Completion, request: ReadRequest) -> Readings:
    """The readings of the windows asked for; a window with an atom missing is left out, to be asked again.

    The first of several readings of a window counts. Raises ModelReplyInvalidError unless the reply is
    `{"items": […]}`.
    """
    wanted = {window.id for window in request.windows}
    readings: Readings = {}
    for item in _entries(_listed(completion, "items")):
        identifier, atoms = item.get("id"), item.get("atoms")
        known = isinstance(identifier, str) and identifier in wanted
        if known and identifier not in readings and isinstance(atoms, Mapping):
            found = {atom.name: _reading(atom, atoms.get(atom.name)) for atom in request.atoms}
            complete = {name: reading for name, reading in found.items() if reading is not None}
            if len(complete) == len(found):
                readings[str(identifier)] = complete
    return readings


def _reading(atom: Atom, data: object) -> ReadAtom | None:
    if not isinstance(data, Mapping) or data.get("status") not in list(ReadStatus):
        return None
    values = (_value(atom, entry) for entry in _entries(data.get("values")))
    return ReadAtom(
        status=ReadStatus(data["status"]),
        quotes=tuple(quote for quote in _list(data.get("quotes")) if isinstance(quote, str) and quote),
        values=tuple(value for value in values if value is not None),
    )


def _value(atom: Atom, data: Mapping[str, Any]) -> ReadValue | None:
    field, value, quote, unit = (data.get(name) for name in ("field", "value", "quote", "unit"))
    if not (isinstance(field, str) and isinstance(value, str) and isinstance(quote, str) and value):
        return None
    if atom.field_named(field) is None:
        return None
    return ReadValue(field, value, unit if isinstance(unit, str) and unit else None, quote)


def plan_reply_in(completion: Completion, *, forced: bool) -> PlanReply:
    """The planned route, with a checked plan where there must be one.

    Raises PlanInvalidError naming each problem: what it says can be sent back to the model.
    """
    try:
        data = _parsed(completion.text)
    except ValueError as error:
        raise PlanInvalidError([FieldProblem("reply", f"is not JSON ({error})")]) from error
    if not isinstance(data, Mapping):
        raise PlanInvalidError([FieldProblem("reply", "must be an object")])
    route = _route(data.get("route"), forced=forced)
    return PlanReply(
        route=route,
        reason=data["reason"] if isinstance(data.get("reason"), str) else "",
        plan=plan_from_json(data.get("plan")) if route is Route.COLLECTION else None,
        clarification=_clarification(data.get("clarification")) if route is Route.CLARIFICATION else None,
        usage=completion.usage,
    )


def _route(value: object, *, forced: bool) -> Route:
    allowed = [Route.COLLECTION, Route.CLARIFICATION] if forced else list(Route)
    if value not in allowed:
        raise PlanInvalidError([FieldProblem("route", f"must be one of {', '.join(allowed)}")])
    return Route(str(value))


def _clarification(value: object) -> str:
    if not isinstance(value, str) or not value.strip():
        raise PlanInvalidError([FieldProblem("clarification", "must hold the question to ask back")])
    return value


def statements_in(completion: Completion, passages: Sequence[PassageText]) -> tuple[LookupStatement, ...]:
    """The statements that name a given passage. ModelReplyInvalidError unless `{"statements": […]}`."""
    known = [passage.id for passage in passages]
    found = []
    for entry in _entries(_listed(completion, "statements")):
        text, passage, quote = (entry.get(name) for name in ("text", "passage_id", "quote"))
        if isinstance(text, str) and text and passage in known and isinstance(quote, str) and quote:
            found.append(LookupStatement(text, str(passage), quote))
    return tuple(found)


def _listed(completion: Completion, name: str) -> list[Any]:
    try:
        data = _parsed(completion.text)
    except ValueError as error:
        raise ModelReplyInvalidError(f"The model's reply is not JSON: {error}", completion.usage) from error
    if not isinstance(data, Mapping) or not isinstance(data.get(name), list):
        raise ModelReplyInvalidError(f"The model's reply has no list {name!r}.", completion.usage)
    return list(data[name])


def _parsed(text: str) -> Any:
    """JSON whose texts can be stored: no half of a surrogate pair, no zero character. Raises ValueError."""
    try:
        data = json.loads(text)
    except RecursionError as error:
        raise ValueError("nested too deep") from error
    again = json.dumps(data, ensure_ascii=False)
    again.encode()
    if _ZERO.search(again):
        raise ValueError("a text holds a zero character")
    return data


def _entries(value: object) -> Iterable[Mapping[str, Any]]:
    return (entry for entry in _list(value) if isinstance(entry, Mapping))


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
