"""A later plan takes up the atoms of earlier ones, so that what was read is found again."""

from dataclasses import replace

import pytest
from hypothesis import given

from census.domain.plan import Atom, AtomField, AtomRef, FieldType, Kind, Plan, Term
from census.domain.plan_atoms import adopt_atoms
from tests.domain.arbitrary_plans import plans

DATE = AtomField("date", FieldType.DATE, "when it was signed", "Signed")
AUDIT = Atom("audit", "The contract lets a party audit the other.", "books", "tax audits", (DATE,))


def counting(*atoms: Atom) -> Plan:
    return Plan(Kind.COUNT, "all", atoms, AtomRef(atoms[0].name))


def adopted(atom: Atom, *earlier: Atom) -> Atom:
    return adopt_atoms(counting(atom), [counting(old) for old in earlier]).atoms[0]


@pytest.mark.parametrize(
    "alike",
    [
        replace(AUDIT, name="audit_rights"),
        replace(AUDIT, statement="the contract lets a party audit the other"),
        replace(AUDIT, statement=" The  contract lets a party, audit the OTHER!"),
        replace(AUDIT, include="Books."),
        replace(AUDIT, fields=()),
        replace(AUDIT, fields=(replace(DATE, description="When it was signed."),)),
    ],
)
def test_an_atom_that_asks_the_same_is_taken_word_for_word_under_its_own_name(alike: Atom) -> None:
    found = adopted(alike, AUDIT)
    assert found == replace(AUDIT, name=alike.name)
    assert found.key == AUDIT.key


@pytest.mark.parametrize(
    "other",
    [
        replace(AUDIT, statement="The contract lets no party audit the other."),
        replace(AUDIT, exclude=""),
        replace(AUDIT, fields=(DATE, AtomField("fee", FieldType.MONEY))),
        replace(AUDIT, fields=(replace(DATE, type=FieldType.TEXT),)),
        replace(AUDIT, fields=(replace(DATE, label="Dated"),)),
        replace(AUDIT, term=Term("audit")),
    ],
)
def test_an_atom_that_asks_anything_else_stays_as_it_is(other: Atom) -> None:
    assert adopted(other, AUDIT) == other


def test_an_equal_atom_wins_over_one_that_is_only_alike() -> None:
    wordy = replace(AUDIT, statement="The CONTRACT lets a party audit the other.")
    assert adopted(AUDIT, wordy, AUDIT).key == AUDIT.key


@given(plans(), plans())
def test_names_and_references_stay_whole(plan: Plan, earlier: Plan) -> None:
    found = adopt_atoms(plan, [earlier, plan])
    assert [atom.name for atom in found.atoms] == [atom.name for atom in plan.atoms]
    assert replace(found, atoms=plan.atoms) == plan
    assert all(
        {f.name for f in old.fields} <= {f.name for f in new.fields}
        for old, new in zip(plan.atoms, found.atoms, strict=True)
    )


@given(plans())
def test_a_plan_adopts_itself_unchanged(plan: Plan) -> None:
    assert adopt_atoms(plan, [plan]) == plan
