"""Plans as JSON (`intent_data`), both ways. What comes in is checked by name and type, path by path."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from census.domain.errors import FieldProblem, PlanInvalidError
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
    JsonObject,
    Kind,
    Negation,
    Plan,
    Term,
    Transform,
    atoms_in,
)

MAX_ATOMS = 12
MAX_FIELDS = 8
MAX_TEXT = 2_000
MAX_DEPTH = 8
ORDERS = ("default", "value", "count", "name")

T = TypeVar("T")


def plan_to_json(plan: Plan) -> JsonObject:
    """The plan as JSON-ready data; `plan_from_json` gives the same plan back."""
    return {
        "kind": plan.kind.value,
        "predicate": plan.predicate,
        "atoms": [_atom_to_json(atom) for atom in plan.atoms],
        "where": _expression_to_json(plan.where),
        "group_by": _group_to_json(plan.group_by),
        "measure": _ref_to_json(plan.measure),
        "order": plan.order,
        "limit": plan.limit,
        "filters": filters_to_json(plan.filters),
    }


def filters_to_json(filters: Filters) -> JsonObject:
    """Only the conditions that are set."""
    found = {name: value for name, value in vars(filters).items() if value not in ((), None)}
    return {name: list(value) if isinstance(value, tuple) else value for name, value in found.items()}


def _atom_to_json(atom: Atom) -> JsonObject:
    return {
        "name": atom.name,
        "statement": atom.statement,
        "include": atom.include,
        "exclude": atom.exclude,
        "fields": [
            {"name": f.name, "type": f.type.value, "description": f.description, "label": f.label}
            for f in atom.fields
        ],
        "term": {"text": atom.term.text, "exact": atom.term.exact} if atom.term else None,
    }


def _expression_to_json(expression: Expression | None) -> JsonObject | None:
    match expression:
        case None:
            return None
        case AtomRef(name):
            return {"atom": name}
        case Negation(part):
            return {"not": _expression_to_json(part)}
        case AllOf(parts):
            return {"and": [_expression_to_json(part) for part in parts]}
        case AnyOf(parts):
            return {"or": [_expression_to_json(part) for part in parts]}


def _ref_to_json(ref: FieldRef | None) -> JsonObject | None:
    return {"atom": ref.atom, "field": ref.field} if ref else None


def _group_to_json(group: GroupBy | None) -> JsonObject | None:
    if group is None:
        return None
    return {"atom": group.source.atom, "field": group.source.field, "transform": group.transform.value}


def plan_from_json(data: object) -> Plan:
    """The plan that JSON data describes. Raises PlanInvalidError naming every bad path."""
    reader = _Reader()
    plan = reader.plan(data)
    if reader.problems or plan is None:
        raise PlanInvalidError(reader.problems)
    return plan


def filters_from_json(data: object) -> Filters:
    """Filters as api.md gives them. Raises PlanInvalidError naming every bad path."""
    reader = _Reader()
    filters = reader.filters("filters", data)
    if reader.problems:
        raise PlanInvalidError(reader.problems)
    return filters


class _Reader:
    """Collects problems instead of stopping at the first, so that a person mends a plan in one go."""

    def __init__(self) -> None:
        self.problems: list[FieldProblem] = []

    def bad(self, path: str, message: str) -> None:
        self.problems.append(FieldProblem(path, message))

    def plan(self, data: object) -> Plan | None:
        if not isinstance(data, Mapping):
            self.bad("plan", "must be an object")
            return None
        known = {"kind", "predicate", "atoms", "where", "group_by", "measure", "order", "limit", "filters"}
        for name in sorted(set(map(str, data)) - known):
            self.bad(name, "is not a field of a plan")
        plan = Plan(
            kind=self.enum("kind", data.get("kind"), Kind, Kind.COUNT),
            predicate=self.text("predicate", data.get("predicate")),
            atoms=self.atoms(data.get("atoms")),
            where=None if data.get("where") is None else self.expression("where", data["where"]),
            group_by=self.optional(data, "group_by", self.group),
            measure=self.optional(data, "measure", self.ref),
            order=self.order(data.get("order", "default")),
            limit=self.optional(data, "limit", self.positive),
            filters=self.filters("filters", data.get("filters") or {}),
        )
        self.check_references(plan)
        return plan

    def optional(
        self, data: Mapping[Any, Any], name: str, read: Callable[[str, object], T | None]
    ) -> T | None:
        return None if data.get(name) is None else read(name, data[name])

    def enum(self, path: str, value: object, kind: Callable[[Any], T], default: T) -> T:
        try:
            return kind(value)
        except ValueError:
            allowed = ", ".join(member.value for member in type(default))  # type: ignore[attr-defined]
            self.bad(path, f"must be one of {allowed}")
            return default

    def text(self, path: str, value: object, *, required: bool = True) -> str:
        if value is None and not required:
            return ""
        if not isinstance(value, str) or (required and not value.strip()):
            self.bad(path, "must be a text")
            return ""
        if len(value) > MAX_TEXT:
            self.bad(path, f"must be at most {MAX_TEXT} characters")
        return value

    def entries(self, path: str, value: object, most: int) -> list[tuple[str, Mapping[Any, Any]]]:
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

    def atoms(self, value: object) -> tuple[Atom, ...]:
        return tuple(self.atom(path, entry) for path, entry in self.entries("atoms", value, MAX_ATOMS))

    def atom(self, path: str, data: Mapping[Any, Any]) -> Atom:
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
        label = data.get("label")
        return AtomField(
            name=self.text(f"{path}.name", data.get("name")),
            type=self.enum(f"{path}.type", data.get("type"), FieldType, FieldType.TEXT),
            description=self.text(f"{path}.description", data.get("description"), required=False),
            label=None if label is None else self.text(f"{path}.label", label),
        )

    def term(self, path: str, data: object) -> Term | None:
        if not isinstance(data, Mapping):
            self.bad(path, "must be an object")
            return None
        return Term(self.text(f"{path}.text", data.get("text")), data.get("exact") is True)

    def expression(self, path: str, data: object, depth: int = 0) -> Expression | None:
        if not isinstance(data, Mapping) or len(data) != 1 or depth > MAX_DEPTH:
            self.bad(path, 'must be {"atom": name}, {"not": …}, {"and": […]} or {"or": […]}, not too deep')
            return None
        operator, operand = next(iter(data.items()))
        if operator == "atom":
            return AtomRef(self.text(f"{path}.atom", operand))
        if operator == "not":
            part = self.expression(f"{path}.not", operand, depth + 1)
            return Negation(part) if part else None
        if operator in ("and", "or") and isinstance(operand, list) and operand:
            read = [self.expression(f"{path}.{operator}.{i}", p, depth + 1) for i, p in enumerate(operand)]
            parts = tuple(part for part in read if part is not None)
            return AllOf(parts) if operator == "and" else AnyOf(parts)
        self.bad(path, f"{operator!s} is no operator of an expression, or has no parts")
        return None

    def ref(self, path: str, data: object) -> FieldRef | None:
        if not isinstance(data, Mapping):
            self.bad(path, "must be an object with atom and field")
            return None
        return FieldRef(
            self.text(f"{path}.atom", data.get("atom")), self.text(f"{path}.field", data.get("field"))
        )

    def group(self, path: str, data: object) -> GroupBy | None:
        source = self.ref(path, data)
        if source is None or not isinstance(data, Mapping):
            return None
        transform = data.get("transform", "value")
        return GroupBy(source, self.enum(f"{path}.transform", transform, Transform, Transform.VALUE))

    def order(self, value: object) -> str:
        if value not in ORDERS:
            self.bad("order", f"must be one of {', '.join(ORDERS)}")
            return "default"
        return str(value)

    def positive(self, path: str, value: object) -> int | None:
        if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= 10_000:
            self.bad(path, "must be a whole number from 1 to 10000")
            return None
        return value

    def filters(self, path: str, data: object) -> Filters:
        if not isinstance(data, Mapping):
            self.bad(path, "must be an object")
            return Filters()
        known = set(Filters.__dataclass_fields__)
        for name in sorted(set(map(str, data)) - known):
            self.bad(f"{path}.{name}", "is not a filter")
        return Filters(
            source_kinds=self.texts(f"{path}.source_kinds", data.get("source_kinds")),
            ids=self.texts(f"{path}.ids", data.get("ids")),
            name=self.optional_text(f"{path}.name", data.get("name")),
            content_types=self.texts(f"{path}.content_types", data.get("content_types")),
            tags=self.texts(f"{path}.tags", data.get("tags")),
            added_after=self.optional_text(f"{path}.added_after", data.get("added_after")),
            added_before=self.optional_text(f"{path}.added_before", data.get("added_before")),
        )

    def texts(self, path: str, value: object) -> tuple[str, ...]:
        if value is None:
            return ()
        if not isinstance(value, list) or not all(isinstance(entry, str) for entry in value):
            self.bad(path, "must be a list of texts")
            return ()
        return tuple(value)

    def optional_text(self, path: str, value: object) -> str | None:
        return None if value is None else self.text(path, value)

    def check_references(self, plan: Plan) -> None:
        names = [atom.name for atom in plan.atoms]
        for name in sorted({n for n in names if names.count(n) > 1}):
            self.bad("atoms", f"name {name!r} is used twice")
        for name in sorted(set(atoms_in(plan.where)) - set(names)):
            self.bad("where", f"there is no atom named {name!r}")
        self.check_ref("group_by", plan.group_by.source if plan.group_by else None, plan)
        self.check_ref("measure", plan.measure, plan)
        if plan.kind in (Kind.GROUP_COUNT, Kind.TOP_K) and plan.group_by is None:
            self.bad("group_by", f"is needed for {plan.kind.value}")
        if plan.kind.measures and plan.measure is None:
            self.bad("measure", f"is needed for {plan.kind.value}")
        if not plan.atoms:
            self.bad("atoms", "at least one is needed: what should be read in each document?")

    def check_ref(self, path: str, ref: FieldRef | None, plan: Plan) -> None:
        if ref is None:
            return
        atom = next((a for a in plan.atoms if a.name == ref.atom), None)
        if atom is None or atom.field_named(ref.field) is None:
            self.bad(path, f"there is no field {ref.field!r} on an atom named {ref.atom!r}")
