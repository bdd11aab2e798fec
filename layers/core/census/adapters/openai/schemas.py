"""The JSON schemas of the three replies, within the vendor's strict subset.

Strict means: every object closed, every property required, what may be absent is a union with null.
The same atoms give the same bytes, because the schema is part of the prefix that the vendor caches.
"""

from collections.abc import Sequence
from enum import StrEnum
from typing import Any

from census.domain.plan import Atom, FieldType, Kind, Transform, Unit
from census.domain.plan_codec import ORDERS
from census.ports.language_model import ReadStatus, Route

READINGS = "window_readings"
PLAN_DRAFT = "plan_draft"
LOOKUP = "lookup_statements"

Schema = dict[str, Any]

_TEXT: Schema = {"type": "string"}
_FLAG: Schema = {"type": "boolean"}
_NUMBER: Schema = {"type": "number"}


def readings_schema(atoms: Sequence[Atom]) -> Schema:
    """`{"items": [{"id", "atoms": {name: {"status", "quotes", "values"?}}}]}`, status before values.

    Only an atom with fields has `values`: an empty list a window would be paid for a thousand times.
    """
    item = _closed({"id": _TEXT, "atoms": _closed({atom.name: _reading_schema(atom) for atom in atoms})})
    return _closed({"items": _list_of(item)})


def _reading_schema(atom: Atom) -> Schema:
    parts = {"status": _one_of(ReadStatus), "quotes": _list_of(_TEXT)}
    if atom.fields:
        names = {"type": "string", "enum": [field.name for field in atom.fields]}
        value = {"field": names, "value": _TEXT, "unit": _or_null(_TEXT), "quote": _TEXT}
        parts["values"] = _list_of(_closed(value))
    return _closed(parts)


def plan_schema(*, forced: bool) -> Schema:
    """`{"route", "reason", "clarification", "plan"}`; the plan is as plan_codec reads it, without filters.

    `forced` leaves only the routes that a caller who chose the collection can be given.
    """
    routes = [Route.COLLECTION, Route.CLARIFICATION] if forced else list(Route)
    reply = _closed(
        {
            "route": {"type": "string", "enum": [route.value for route in routes]},
            "reason": _TEXT,
            "clarification": _or_null(_TEXT),
            "plan": _or_null({"$ref": "#/$defs/plan"}),
        }
    )
    return {**reply, "$defs": {"plan": _plan(), "atom": _atom(), "expression": _expression()}}


def _plan() -> Schema:
    ref = {"atom": _TEXT, "field": _TEXT}
    return _closed(
        {
            "predicate": _TEXT,
            "atoms": _list_of({"$ref": "#/$defs/atom"}),
            "where": _or_null({"$ref": "#/$defs/expression"}),
            "kind": _one_of(Kind),
            "unit": _one_of(Unit),
            "group_by": _or_null(
                _closed({**ref, "transform": _one_of(Transform), "edges": _list_of(_NUMBER)})
            ),
            "compare": _list_of(_TEXT),
            "measure": _or_null(_closed(ref)),
            "order": {"type": "string", "enum": list(ORDERS)},
            "limit": _or_null({"type": "integer"}),
        }
    )


def _atom() -> Schema:
    field = {"name": _TEXT, "type": _one_of(FieldType), "description": _TEXT, "label": _or_null(_TEXT)}
    return _closed(
        {
            "name": _TEXT,
            "statement": _TEXT,
            "include": _TEXT,
            "exclude": _TEXT,
            "fields": _list_of(_closed(field)),
            "term": _or_null(_closed({"text": _TEXT, "exact": _FLAG})),
        }
    )


def _expression() -> Schema:
    again = {"$ref": "#/$defs/expression"}
    forms = ({"atom": _TEXT}, {"not": again}, {"and": _list_of(again)}, {"or": _list_of(again)})
    return {"anyOf": [_closed(form) for form in forms]}


def lookup_schema() -> Schema:
    """`{"statements": [{"text", "passage_id", "quote"}]}`."""
    statement = {"text": _TEXT, "passage_id": _TEXT, "quote": _TEXT}
    return _closed({"statements": _list_of(_closed(statement))})


def _closed(properties: Schema) -> Schema:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _list_of(items: Schema) -> Schema:
    return {"type": "array", "items": items}


def _or_null(schema: Schema) -> Schema:
    return {"anyOf": [schema, {"type": "null"}]}


def _one_of(members: type[StrEnum]) -> Schema:
    return {"type": "string", "enum": [member.value for member in members]}
