"""Plans that the tests of the engine ask with; the rules of the lexical model can read them all."""

from decimal import Decimal
from typing import Any

from census.domain.plan import (
    AllOf,
    Atom,
    AtomField,
    AtomRef,
    Expression,
    FieldRef,
    FieldType,
    GroupBy,
    Kind,
    Negation,
    Plan,
    Term,
    Transform,
    Unit,
)


def mention(word: str) -> Atom:
    """Whether a document holds the word; the atom's name is the word."""
    return Atom(word, f"The text mentions {word}.", term=Term(word))


SIGNED = Atom("signed", "The date", fields=(AtomField("date", FieldType.DATE, label="Signed"),))
LAW = Atom("law", "The governing law", fields=(AtomField("name", FieldType.TEXT, label="Law"),))
FEE = Atom("fee", "The fee", fields=(AtomField("amount", FieldType.MONEY, label="Fee"),))


def count(*words: str, where: Expression | None = None) -> Plan:
    """How many documents hold all of the words, or fit the expression."""
    everything = AllOf(tuple(AtomRef(word) for word in words))
    return Plan(Kind.COUNT, "holds the words", tuple(map(mention, words)), where or everything)


def but_not(wanted: str, unwanted: str) -> Plan:
    """One word but not the other."""
    where = AllOf((AtomRef(wanted), Negation(AtomRef(unwanted))))
    return Plan(Kind.LIST, f"{wanted} but not {unwanted}", (mention(wanted), mention(unwanted)), where)


def listing(word: str, limit: int | None = None) -> Plan:
    """Which documents hold the word."""
    return Plan(Kind.LIST, f"mentions {word}", (mention(word),), AtomRef(word), limit=limit)


def by_year(word: str) -> Plan:
    """How many documents hold the word, by the year they were signed."""
    grouping = GroupBy(FieldRef("signed", "date"), Transform.YEAR)
    atoms = (mention(word), SIGNED)
    return Plan(Kind.GROUP_COUNT, f"mentions {word}", atoms, AtomRef(word), grouping)


def top_laws(limit: int) -> Plan:
    """The commonest governing laws."""
    grouping = GroupBy(FieldRef("law", "name"))
    return Plan(Kind.TOP_K, "has a governing law", (LAW,), AtomRef("law"), grouping, limit=limit)


def fees(kind: Kind, group_by: GroupBy | None = None, unit: Unit = Unit.DOCUMENT) -> Plan:
    """An aggregate of the fees, all together or by group."""
    atoms = (FEE, LAW, SIGNED) if group_by else (FEE,)
    measure = FieldRef("fee", "amount")
    return Plan(kind, "has a fee", atoms, AtomRef("fee"), group_by, measure, unit=unit)


def laws(kind: Kind, unit: Unit, **more: Any) -> Plan:
    """The governing laws, by mention or each as an entity."""
    grouping = GroupBy(FieldRef("law", "name"))
    return Plan(kind, "has a governing law", (LAW,), AtomRef("law"), grouping, unit=unit, **more)


def compared(word: str, *years: str) -> Plan:
    """Documents that hold the word, years side by side."""
    grouping = GroupBy(FieldRef("signed", "date"), Transform.YEAR)
    atoms = (mention(word), SIGNED)
    return Plan(Kind.COMPARE, f"mentions {word}", atoms, AtomRef(word), grouping, compare=years)


def fee_buckets(*edges: int) -> Plan:
    """How many documents have fees of which size."""
    grouping = GroupBy(FieldRef("fee", "amount"), Transform.BUCKET, tuple(map(Decimal, edges)))
    return Plan(Kind.GROUP_COUNT, "has a fee", (FEE,), AtomRef("fee"), grouping)


CAUSE = Atom("cause", "The root cause", fields=(AtomField("name", FieldType.TEXT, label="Cause"),))


def causes(kind: Kind = Kind.THEMES, **more: Any) -> Plan:
    """What the causes come to."""
    grouping = GroupBy(FieldRef("cause", "name"))
    return Plan(kind, "states a cause", (CAUSE,), AtomRef("cause"), grouping, **more)
