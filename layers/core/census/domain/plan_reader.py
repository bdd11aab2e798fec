"""Reads a plan from JSON that nobody checked yet: from a model, from a person, from a database."""

from collections.abc import Mapping
from typing import Any

from census.domain.plan import (
    AllOf,
    AnyOf,
    Atom,
    AtomField,
    AtomRef,
    Expression,
    FieldRef,
    FieldType,
    Filters,
    GroupBy,
    Kind,
    Negation,
    Plan,
    Term,
    Transform,
    Unit,
)
from census.domain.plan_fields import FieldReader
from census.domain.plan_references import reference_problems

MAX_ATOMS = 12
MAX_FIELDS = 8
MAX_DEPTH = 8
MAX_PARTS = 100
MAX_MERGED = 1_000
ORDERS = ("default", "value", "count", "name")
SOURCE_KINDS = ("file", "page")
_PLAN = {
    "kind", "predicate", "atoms", "where", "group_by", "measure", "order", "limit", "filters", "merge",
    "unit", "compare",
}  # fmt: skip
_ATOM = {"name", "statement", "include", "exclude", "fields", "term"}
_FIELD = {"name", "type", "description", "label"}
_REF = {"atom", "field"}
_GROUP = _REF | {"transform", "edges"}


class PlanReader(FieldReader):
    """Reads plans and filters; `problems` holds what is wrong with them."""

    def plan(self, data: object) -> Plan | None:
        """The plan; with problems noted it is not to be used."""
        if not isinstance(data, Mapping):
            self.bad("plan", "must be an object")
            return None
        self.unknown(data, _PLAN, "", "a field of a plan")
        plan = Plan(
            kind=self.enum("kind", data.get("kind"), Kind.COUNT),
            predicate=self.text("predicate", data.get("predicate")),
            atoms=self.atoms(data.get("atoms")),
            where=None if data.get("where") is None else self.expression("where", data["where"]),
            group_by=self.optional(data, "group_by", self.group),
            measure=self.optional(data, "measure", self.ref),
            order=self.order(data.get("order", "default")),
            limit=self.optional(data, "limit", self.positive),
            filters=self.optional(data, "filters", self.filters) or Filters(),
            merge=self.optional(data, "merge", self.merge) or (),
            unit=self.enum("unit", data.get("unit") or "document", Unit.DOCUMENT),
            compare=self.texts("compare", data.get("compare")),
        )
        self.problems.extend(reference_problems(plan))
        return plan

    def atoms(self, value: object) -> tuple[Atom, ...]:
        """The atoms of a plan."""
        return tuple(self.atom(path, entry) for path, entry in self.entries("atoms", value, MAX_ATOMS))

    def atom(self, path: str, data: Mapping[Any, Any]) -> Atom:
        """One atom with its fields."""
        self.unknown(data, _ATOM, f"{path}.", "a field of an atom")
        fields = self.entries(f"{path}.fields", data.get("fields", []), MAX_FIELDS)
        return Atom(
            name=self.text(f"{path}.name", data.get("name")),
            statement=self.text(f"{path}.statement", data.get("statement")),
            include=self.text(f"{path}.include", data.get("include"), required=False),
            exclude=self.text(f"{path}.exclude", data.get("exclude"), required=False),
            fields=tuple(self.field(field_path, entry) for field_path, entry in fields),
            term=None if data.get("term") is None else self.term(f"{path}.term", data["term"]),
        )

    def field(self, path: str, data: Mapping[Any, Any]) -> AtomField:
        """One typed field."""
        self.unknown(data, _FIELD, f"{path}.", "a part of a field")
        label = data.get("label")
        return AtomField(
            name=self.text(f"{path}.name", data.get("name")),
            type=self.enum(f"{path}.type", data.get("type"), FieldType.TEXT),
            description=self.text(f"{path}.description", data.get("description"), required=False),
            label=None if label is None else self.text(f"{path}.label", label),
        )

    def term(self, path: str, data: object) -> Term | None:
        """Literal words."""
        if not isinstance(data, Mapping):
            self.bad(path, "must be an object")
            return None
        self.unknown(data, {"text", "exact"}, f"{path}.", "a part of a term")
        return Term(self.text(f"{path}.text", data.get("text")), data.get("exact") is True)

    def expression(self, path: str, data: object, depth: int = 0) -> Expression | None:
        """An expression over atoms."""
        if not isinstance(data, Mapping) or len(data) != 1 or depth > MAX_DEPTH:
            self.bad(path, 'must be {"atom": name}, {"not": …}, {"and": […]} or {"or": […]}, not too deep')
            return None
        operator, operand = next(iter(data.items()))
        if operator == "atom":
            return AtomRef(self.text(f"{path}.atom", operand))
        if operator == "not":
            part = self.expression(f"{path}.not", operand, depth + 1)
            return Negation(part) if part else None
        if operator in ("and", "or") and isinstance(operand, list) and 0 < len(operand) <= MAX_PARTS:
            read = [self.expression(f"{path}.{operator}.{i}", p, depth + 1) for i, p in enumerate(operand)]
            parts = tuple(part for part in read if part is not None)
            return AllOf(parts) if operator == "and" else AnyOf(parts)
        self.bad(path, f"{operator!r} is no operator of an expression, or has no parts or too many")
        return None

    def ref(self, path: str, data: object, known: set[str] = _REF) -> FieldRef | None:
        """A field of an atom; `known`: what else may stand beside it."""
        if not isinstance(data, Mapping):
            self.bad(path, "must be an object with atom and field")
            return None
        self.unknown(data, known, f"{path}.", "known here")
        return FieldRef(
            self.text(f"{path}.atom", data.get("atom")), self.text(f"{path}.field", data.get("field"))
        )

    def group(self, path: str, data: object) -> GroupBy | None:
        """What documents are grouped by."""
        source = self.ref(path, data, _GROUP)
        if source is None or not isinstance(data, Mapping):
            return None
        return GroupBy(
            source,
            self.enum(f"{path}.transform", data.get("transform", "value"), Transform.VALUE),
            self.decimals(f"{path}.edges", data.get("edges")),
        )

    def order(self, value: object) -> str:
        """One of ORDERS."""
        if not isinstance(value, str) or value not in ORDERS:
            self.bad("order", f"must be one of {', '.join(ORDERS)}")
            return "default"
        return value

    def merge(self, path: str, data: object) -> tuple[tuple[str, str], ...]:
        """Which values count as one group."""
        if not isinstance(data, Mapping) or len(data) > MAX_MERGED:
            self.bad(path, f"must be an object of at most {MAX_MERGED} values and their groups")
            return ()
        return tuple(
            (self.text(path, value), self.text(f"{path}.{value}", group)) for value, group in data.items()
        )

    def filters(self, path: str, data: object) -> Filters:
        """Which documents are asked."""
        if not isinstance(data, Mapping):
            self.bad(path, "must be an object")
            return Filters()
        self.unknown(data, set(Filters.__dataclass_fields__), f"{path}.", "a filter")
        kinds = self.texts(f"{path}.source_kinds", data.get("source_kinds"))
        if set(kinds) - set(SOURCE_KINDS):
            self.bad(f"{path}.source_kinds", f"may hold {' and '.join(SOURCE_KINDS)}")
        name = data.get("name")
        return Filters(
            source_kinds=kinds,
            ids=self.uuids(f"{path}.ids", data.get("ids")),
            name=None if name is None else self.text(f"{path}.name", name),
            content_types=self.texts(f"{path}.content_types", data.get("content_types")),
            tags=self.texts(f"{path}.tags", data.get("tags")),
            added_after=self.time(f"{path}.added_after", data.get("added_after")),
            added_before=self.time(f"{path}.added_before", data.get("added_before")),
        )
