"""A plan: what a question over the whole collection asks of each document, and what is made of the answers.

A plan is data. A model or the rules propose it, people may correct it, fixed code executes it.

    atoms     each one thing to decide or to extract, by itself, window by window
    where     a boolean expression over atoms, evaluated per document
    group_by, measure, order, limit   what SQL does with the documents that match
"""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Any


class Kind(StrEnum):
    """What the figures are."""

    COUNT = "count"
    GROUP_COUNT = "group_count"
    SUM = "sum"
    AVG = "avg"
    MIN = "min"
    MAX = "max"
    TOP_K = "top_k"
    LIST = "list"
    COMPARE = "compare"
    THEMES = "themes"
    SUMMARY = "summary"

    @property
    def counts(self) -> bool:
        """Whether the figures count documents, so that bounds make sense."""
        return self in {Kind.COUNT, Kind.GROUP_COUNT, Kind.TOP_K, Kind.LIST, Kind.COMPARE}

    @property
    def folds(self) -> bool:
        """Whether findings are folded by the model once all documents are read."""
        return self in {Kind.THEMES, Kind.SUMMARY}

    @property
    def measures(self) -> bool:
        """Whether a measure (an amount or a number) is aggregated."""
        return self in {Kind.SUM, Kind.AVG, Kind.MIN, Kind.MAX}


class Unit(StrEnum):
    """What is counted.

    document: each that matches, once. mention: each place in them that says it, or each value they give.
    entity: each distinct value of the grouping field, however many documents name it.
    """

    DOCUMENT = "document"
    MENTION = "mention"
    ENTITY = "entity"


class FieldType(StrEnum):
    """The type of an extracted value. Dates may be partial: `2020`, `2020-06`, `2020-06-01`."""

    TEXT = "text"
    DATE = "date"
    MONEY = "money"
    NUMBER = "number"


class Transform(StrEnum):
    """What is grouped: the value itself, the year or month of a date, or the bucket an amount falls in."""

    VALUE = "value"
    YEAR = "year"
    MONTH = "month"
    BUCKET = "bucket"


@dataclass(frozen=True)
class Term:
    """Literal words an atom is about. `exact`: as it stands; otherwise singular and plural count alike."""

    text: str
    exact: bool = False


@dataclass(frozen=True)
class AtomField:
    """A typed value to extract. `label` names a `Label: value` line where the documents have one."""

    name: str
    type: FieldType
    description: str = ""
    label: str | None = None


@dataclass(frozen=True)
class Atom:
    """One thing to decide (`statement` holds or not) and the fields to extract with it.

    `name` is local to the plan; everything else is the atom's meaning and so part of its `key`.
    """

    name: str
    statement: str
    include: str = ""
    exclude: str = ""
    fields: tuple[AtomField, ...] = ()
    term: Term | None = None

    @property
    def key(self) -> str:
        """Hash of the meaning (64 hexadecimal digits): two plans that ask the same thing share results."""
        meaning = {
            "statement": self.statement,
            "include": self.include,
            "exclude": self.exclude,
            "fields": [[f.name, f.type.value, f.description, f.label] for f in self.fields],
            "term": [self.term.text, self.term.exact] if self.term else None,
        }
        return hashlib.sha256(json.dumps(meaning, sort_keys=True).encode()).hexdigest()

    def field_named(self, name: str) -> AtomField | None:
        """The field of that name, or None."""
        return next((f for f in self.fields if f.name == name), None)


@dataclass(frozen=True)
class AtomRef:
    """True where the atom matches."""

    atom: str


@dataclass(frozen=True)
class AllOf:
    """True where every part is."""

    parts: tuple["Expression", ...]


@dataclass(frozen=True)
class AnyOf:
    """True where some part is."""

    parts: tuple["Expression", ...]


@dataclass(frozen=True)
class Negation:
    """True where the part is false."""

    part: "Expression"


Expression = AtomRef | AllOf | AnyOf | Negation


@dataclass(frozen=True)
class FieldRef:
    """A field of an atom."""

    atom: str
    field: str


@dataclass(frozen=True)
class GroupBy:
    """The value documents are grouped by; a document without one is in the group `unknown`.

    `edges`: where buckets begin, ascending; [100, 1000] makes three: under 100, 100 to under 1000, from 1000.
    """

    source: FieldRef
    transform: Transform = Transform.VALUE
    edges: tuple[Decimal, ...] = ()


@dataclass(frozen=True)
class Filters:
    """Which documents of the collection are asked, all conditions together. Empty: all of them."""

    source_kinds: tuple[str, ...] = ()
    ids: tuple[str, ...] = ()
    name: str | None = None
    content_types: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    added_after: str | None = None
    added_before: str | None = None


@dataclass(frozen=True)
class Plan:
    """See the module's docstring. `predicate` says in words which documents match.

    `merge`: pairs (value, group) of values that count as one group, whatever their case.
    `compare`: the groups to set side by side; none means all of them.
    """

    kind: Kind
    predicate: str
    atoms: tuple[Atom, ...]
    where: Expression | None = None
    group_by: GroupBy | None = None
    measure: FieldRef | None = None
    order: str = "default"
    limit: int | None = None
    filters: Filters = field(default_factory=Filters)
    merge: tuple[tuple[str, str], ...] = ()
    unit: Unit = Unit.DOCUMENT
    compare: tuple[str, ...] = ()

    @property
    def by_findings(self) -> bool:
        """Whether what documents say is counted or folded one by one, instead of the documents."""
        return self.unit is not Unit.DOCUMENT or self.kind.folds

    def atom(self, name: str) -> Atom:
        """The atom of that name; KeyError when the plan has none."""
        for atom in self.atoms:
            if atom.name == name:
                return atom
        raise KeyError(name)


def atoms_in(expression: Expression | None) -> Iterator[str]:
    """The names of the atoms an expression refers to, in order, repeated ones repeated."""
    match expression:
        case None:
            return
        case AtomRef(atom):
            yield atom
        case Negation(part):
            yield from atoms_in(part)
        case AllOf(parts) | AnyOf(parts):
            for part in parts:
                yield from atoms_in(part)


JsonObject = dict[str, Any]
