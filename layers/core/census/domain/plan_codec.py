"""Plans as JSON (`intent_data`), both ways. What comes in is checked by name and type, path by path."""

from census.domain.errors import PlanInvalidError
from census.domain.plan import (
    AllOf,
    AnyOf,
    Atom,
    AtomRef,
    Expression,
    FieldRef,
    Filters,
    GroupBy,
    JsonObject,
    Negation,
    Plan,
)
from census.domain.plan_fields import MAX_TEXT
from census.domain.plan_reader import MAX_ATOMS, MAX_FIELDS, ORDERS, PlanReader
from census.domain.values import plain

__all__ = [
    "MAX_ATOMS",
    "MAX_FIELDS",
    "MAX_TEXT",
    "ORDERS",
    "filters_from_json",
    "filters_to_json",
    "plan_from_json",
    "plan_to_json",
]


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
        "merge": dict(plan.merge),
        "unit": plan.unit.value,
        "compare": list(plan.compare),
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
    written = {"atom": group.source.atom, "field": group.source.field, "transform": group.transform.value}
    return {**written, "edges": [plain(edge) for edge in group.edges]} if group.edges else written


def plan_from_json(data: object) -> Plan:
    """The plan that JSON data describes. Raises PlanInvalidError naming every bad path."""
    reader = PlanReader()
    plan = reader.plan(data)
    if reader.problems or plan is None:
        raise PlanInvalidError(reader.problems)
    return plan


def filters_from_json(data: object) -> Filters:
    """Filters as api.md gives them. Raises PlanInvalidError naming every bad path."""
    reader = PlanReader()
    filters = reader.filters("filters", data)
    if reader.problems:
        raise PlanInvalidError(reader.problems)
    return filters
