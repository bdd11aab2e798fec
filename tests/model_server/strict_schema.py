"""The strict subset of JSON Schema: is a schema within it, and does a value fit a schema?"""

from collections.abc import Iterator, Mapping
from typing import Any

Schema = Mapping[str, Any]

_KEYWORDS = {
    "object": {"type", "properties", "required", "additionalProperties", "$defs", "description"},
    "array": {"type", "items", "description"},
    "string": {"type", "enum", "description"},
    "integer": {"type", "description"},
    "number": {"type", "description"},
    "boolean": {"type", "description"},
    "null": {"type"},
}
_TYPES: dict[str, type | tuple[type, ...]] = {
    "object": dict,
    "array": list,
    "string": str,
    "integer": int,
    "number": (int, float),
    "boolean": bool,
    "null": type(None),
}


def schema_problems(schema: Schema) -> list[str]:
    """What the vendor would reject; empty for a good schema. The root must be an object."""
    problems = [] if schema.get("type") == "object" else ["root: must be an object"]
    return problems + list(_problems(schema, schema, "root"))


def _problems(schema: Schema, root: Schema, path: str) -> Iterator[str]:
    for name, definition in schema.get("$defs", {}).items():
        yield from _problems(definition, root, f"$defs.{name}")
    if "$ref" in schema:
        if _resolved(schema, root) is None:
            yield f"{path}: {schema['$ref']} leads nowhere"
    elif "anyOf" in schema:
        for index, part in enumerate(schema["anyOf"]):
            yield from _problems(part, root, f"{path}.anyOf.{index}")
    elif schema.get("type") not in _KEYWORDS:
        yield f"{path}: has no type"
    else:
        yield from _typed_problems(schema, root, path)


def _typed_problems(schema: Schema, root: Schema, path: str) -> Iterator[str]:
    for keyword in sorted(set(schema) - _KEYWORDS[schema["type"]]):
        yield f"{path}: {keyword} is not permitted"
    if schema["type"] == "object":
        if schema.get("additionalProperties") is not False:
            yield f"{path}: additionalProperties must be false"
        if sorted(schema.get("required", [])) != sorted(schema.get("properties", {})):
            yield f"{path}: every property must be required"
        for name, part in schema.get("properties", {}).items():
            yield from _problems(part, root, f"{path}.{name}")
    if schema["type"] == "array":
        yield from _problems(schema.get("items", {}), root, f"{path}.items")
    if "enum" in schema and not schema["enum"]:
        yield f"{path}: enum is empty"


def _resolved(schema: Schema, root: Schema) -> Schema | None:
    prefix, _, name = str(schema["$ref"]).rpartition("/")
    found = root.get("$defs", {}).get(name) if prefix == "#/$defs" else None
    return found if isinstance(found, Mapping) else None


def fits(value: object, schema: Schema, root: Schema | None = None) -> bool:
    """Whether a strict model could have written the value; `schema` must have no problems."""
    top = root if root is not None else schema
    if "$ref" in schema:
        resolved = _resolved(schema, top)
        return resolved is not None and fits(value, resolved, top)
    if "anyOf" in schema:
        return any(fits(value, part, top) for part in schema["anyOf"])
    if not isinstance(value, _TYPES[schema["type"]]) or (
        isinstance(value, bool) and schema["type"] != "boolean"
    ):
        return False
    if isinstance(value, dict):
        properties = schema["properties"]
        return list(value) == list(properties) and all(
            fits(value[name], part, top) for name, part in properties.items()
        )
    if isinstance(value, list):
        return all(fits(entry, schema["items"], top) for entry in value)
    return "enum" not in schema or value in schema["enum"]
