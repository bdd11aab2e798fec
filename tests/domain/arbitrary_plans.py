"""Any plan that people could have sent."""

import datetime as dt

from hypothesis import strategies as st

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
from census.domain.plan_codec import ORDERS

words = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), min_size=1, max_size=12).filter(
    str.strip
)
maybe = st.none() | words
optional_words = st.just("") | words
moments = st.datetimes(timezones=st.just(dt.UTC)).map(dt.datetime.isoformat)


def fields() -> st.SearchStrategy[tuple[AtomField, ...]]:
    """Up to three fields, each with a name of its own."""
    field = st.builds(AtomField, words, st.sampled_from(FieldType), optional_words, maybe)
    return st.lists(field, max_size=3, unique_by=lambda one: one.name).map(tuple)


def atoms() -> st.SearchStrategy[tuple[Atom, ...]]:
    """One to four atoms, each with a name of its own."""
    terms = st.none() | st.builds(Term, words, st.booleans())
    atom = st.builds(Atom, words, words, optional_words, optional_words, fields(), terms)
    return st.lists(atom, min_size=1, max_size=4, unique_by=lambda one: one.name).map(tuple)


def expressions(names: list[str]) -> st.SearchStrategy[Expression]:
    """Expressions over these atoms, not too deep."""
    leaf: st.SearchStrategy[Expression] = st.sampled_from(names).map(AtomRef)
    return st.recursive(
        leaf,
        lambda parts: st.one_of(
            parts.map(Negation),
            st.lists(parts, min_size=1, max_size=3).map(lambda found: AllOf(tuple(found))),
            st.lists(parts, min_size=1, max_size=3).map(lambda found: AnyOf(tuple(found))),
        ),
        max_leaves=5,
    ).filter(lambda expression: str(expression).count("(") < 8)


def filters() -> st.SearchStrategy[Filters]:
    """Filters as api.md gives them."""
    many = st.lists(words, max_size=3).map(tuple)
    kinds = st.lists(st.sampled_from(("file", "page")), max_size=2).map(tuple)
    ids = st.lists(st.uuids().map(str), max_size=3).map(tuple)
    return st.builds(Filters, kinds, ids, maybe, many, many, st.none() | moments, st.none() | moments)


@st.composite
def groupings(draw: st.DrawFn, ref: FieldRef, kind: FieldType) -> list[GroupBy]:
    """What a field of this type can be grouped by."""
    if kind is FieldType.DATE:
        return [GroupBy(ref, one) for one in (Transform.VALUE, Transform.YEAR, Transform.MONTH)]
    if kind is FieldType.TEXT:
        return [GroupBy(ref)]
    edges = draw(st.sets(st.decimals(-1000, 1000, places=2), min_size=1, max_size=4))
    return [GroupBy(ref), GroupBy(ref, Transform.BUCKET, tuple(sorted(edges)))]


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    """A plan of any kind that its atoms allow."""
    chosen = draw(atoms())
    refs = [(FieldRef(atom.name, field.name), field.type) for atom in chosen for field in atom.fields]
    groups = [group for ref, kind in refs for group in draw(groupings(ref, kind))]
    measures = [ref for ref, kind in refs if kind in (FieldType.MONEY, FieldType.NUMBER)]
    kinds = [
        kind for kind in Kind if kind.value in ("count", "list") or (measures if kind.measures else groups)
    ]
    kind = draw(st.sampled_from([one for one in kinds if one in _SIMPLE or one.measures or groups]))
    if kind is Kind.THEMES:
        texts = [ref for ref, type_ in refs if type_ is FieldType.TEXT]
        kind, groups = (kind, [GroupBy(ref) for ref in texts]) if texts else (Kind.COUNT, groups)
    group_by = draw(st.sampled_from(groups)) if groups else None
    units = [Unit.DOCUMENT]
    units += [Unit.MENTION] if kind is not Kind.COMPARE else []
    units += [Unit.ENTITY] if group_by and not (kind.measures or kind.folds or kind is Kind.COMPARE) else []
    return Plan(
        kind=kind,
        unit=draw(st.sampled_from(units)),
        compare=draw(st.sampled_from([(), ("a", "b")])) if kind is Kind.COMPARE else (),
        predicate=draw(words),
        atoms=chosen,
        where=draw(st.none() | expressions([atom.name for atom in chosen])),
        group_by=group_by,
        measure=draw(st.sampled_from(measures)) if measures else None,
        order=draw(st.sampled_from(ORDERS)),
        limit=draw(st.none() | st.integers(1, 10_000)),
        filters=draw(filters()),
        merge=tuple(draw(st.dictionaries(words, words, max_size=3)).items()),
    )


_SIMPLE = (Kind.COUNT, Kind.LIST)
