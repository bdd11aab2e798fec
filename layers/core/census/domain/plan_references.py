"""What must hold between the parts of a plan: names lead somewhere, and values are of a type that fits."""

from collections.abc import Iterator
from itertools import pairwise

from census.domain.errors import FieldProblem
from census.domain.plan import AtomField, FieldRef, FieldType, GroupBy, Kind, Plan, Transform, Unit, atoms_in

_NUMERIC = (FieldType.MONEY, FieldType.NUMBER)
_GROUPED = (Kind.GROUP_COUNT, Kind.TOP_K, Kind.COMPARE, Kind.THEMES)
_FITTING = {
    Transform.YEAR: (FieldType.DATE,),
    Transform.MONTH: (FieldType.DATE,),
    Transform.BUCKET: _NUMERIC,
}
MAX_COMPARED = 20


def reference_problems(plan: Plan) -> Iterator[FieldProblem]:
    """Every part of the plan that names what is not there, or lacks what its kind needs."""
    yield from _atom_problems(plan)
    yield from _kind_problems(plan)
    if plan.group_by is not None:
        yield from _group_problems(plan, plan.group_by)
    if plan.measure is not None:
        yield from _measure_problems(plan, plan.measure)


def _atom_problems(plan: Plan) -> Iterator[FieldProblem]:
    names = [atom.name for atom in plan.atoms]
    if not names:
        yield FieldProblem("atoms", "at least one is needed: what should be read in each document?")
    for name in sorted({n for n in names if names.count(n) > 1}):
        yield FieldProblem("atoms", f"name {name!r} is used twice")
    for index, atom in enumerate(plan.atoms):
        fields = [field.name for field in atom.fields]
        for name in sorted({n for n in fields if fields.count(n) > 1}):
            yield FieldProblem(f"atoms.{index}.fields", f"name {name!r} is used twice")
    for name in sorted(set(atoms_in(plan.where)) - set(names)):
        yield FieldProblem("where", f"there is no atom named {name!r}")


def _kind_problems(plan: Plan) -> Iterator[FieldProblem]:
    if plan.kind in _GROUPED and plan.group_by is None:
        yield FieldProblem("group_by", f"is needed for {plan.kind.value}")
    elif plan.unit is Unit.ENTITY and plan.group_by is None:
        yield FieldProblem("group_by", "is needed for unit entity: which field names the entities?")
    if plan.kind.measures and plan.measure is None:
        yield FieldProblem("measure", f"is needed for {plan.kind.value}")
    if plan.unit is Unit.ENTITY and (plan.kind.measures or plan.kind.folds):
        yield FieldProblem("unit", f"entities cannot be asked for {plan.kind.value}; use document or mention")
    if plan.kind is Kind.COMPARE and plan.unit is not Unit.DOCUMENT:
        yield FieldProblem("unit", "compare sets documents side by side; use document")
    if plan.compare and plan.kind is not Kind.COMPARE:
        yield FieldProblem("compare", f"does not go with {plan.kind.value}")
    if len(plan.compare) == 1 or len(plan.compare) > MAX_COMPARED:
        yield FieldProblem("compare", f"must name from 2 to {MAX_COMPARED} groups, or none for all")


def _group_problems(plan: Plan, group: GroupBy) -> Iterator[FieldProblem]:
    field, transform = _field(plan, group.source), group.transform
    if field is None:
        yield _missing("group_by", group.source)
        return
    fitting = _FITTING.get(transform)
    if fitting is not None and field.type not in fitting:
        wanted = "a date" if transform is not Transform.BUCKET else "money or a number"
        yield FieldProblem(
            "group_by.transform", f"{transform.value} needs {wanted}; {field.name!r} is a {field.type.value}"
        )
    if plan.kind is Kind.THEMES and (field.type is not FieldType.TEXT or transform is not Transform.VALUE):
        yield FieldProblem("group_by", "themes are made of a text field's values")
    if (transform is Transform.BUCKET) != bool(group.edges):
        yield FieldProblem("group_by.edges", "are needed for bucket, and for nothing else")
    if any(later <= edge for edge, later in pairwise(group.edges)):
        yield FieldProblem("group_by.edges", "must ascend")


def _measure_problems(plan: Plan, measure: FieldRef) -> Iterator[FieldProblem]:
    field = _field(plan, measure)
    if field is None:
        yield _missing("measure", measure)
    elif field.type not in _NUMERIC:
        yield FieldProblem(
            "measure", f"{field.name!r} is a {field.type.value}; only money and numbers can be aggregated"
        )


def _field(plan: Plan, ref: FieldRef) -> AtomField | None:
    atom = next((a for a in plan.atoms if a.name == ref.atom), None)
    return atom.field_named(ref.field) if atom else None


def _missing(path: str, ref: FieldRef) -> FieldProblem:
    return FieldProblem(path, f"there is no field {ref.field!r} on an atom named {ref.atom!r}")
