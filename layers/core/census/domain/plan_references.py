"""What must hold between the parts of a plan: names lead somewhere, and values are of a type that fits."""

from collections.abc import Iterator

from census.domain.errors import FieldProblem
from census.domain.plan import AtomField, FieldRef, FieldType, Kind, Plan, Transform, atoms_in

_NUMERIC = (FieldType.MONEY, FieldType.NUMBER)


def reference_problems(plan: Plan) -> Iterator[FieldProblem]:
    """Every part of the plan that names what is not there, or lacks what its kind needs."""
    yield from _atom_problems(plan)
    if plan.kind in (Kind.GROUP_COUNT, Kind.TOP_K) and plan.group_by is None:
        yield FieldProblem("group_by", f"is needed for {plan.kind.value}")
    if plan.kind.measures and plan.measure is None:
        yield FieldProblem("measure", f"is needed for {plan.kind.value}")
    if plan.group_by is not None:
        yield from _group_problems(plan, plan.group_by.source, plan.group_by.transform)
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


def _group_problems(plan: Plan, source: FieldRef, transform: Transform) -> Iterator[FieldProblem]:
    field = _field(plan, source)
    if field is None:
        yield _missing("group_by", source)
    elif transform is not Transform.VALUE and field.type is not FieldType.DATE:
        yield FieldProblem(
            "group_by.transform", f"{transform.value} needs a date; {field.name!r} is a {field.type.value}"
        )


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
