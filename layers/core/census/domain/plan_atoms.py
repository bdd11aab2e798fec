"""Take up the atoms of earlier plans: a word put otherwise would mean reading the whole collection again."""

import re
from collections.abc import Sequence
from dataclasses import replace

from census.domain.plan import Atom, AtomField, Plan

_WORDS = re.compile(r"\w+")


def adopt_atoms(plan: Plan, earlier: Sequence[Plan]) -> Plan:
    """The plan with each atom that an earlier plan asked alike put as it was put there.

    Alike is: the same words in the same order, whatever the case and punctuation, and no field that the
    earlier atom lacks. The atom keeps its name in this plan; the first of several fits counts.
    """
    known = [atom for before in earlier for atom in before.atoms]
    return replace(plan, atoms=tuple(_adopted(atom, known) for atom in plan.atoms))


def _adopted(atom: Atom, known: Sequence[Atom]) -> Atom:
    exactly = (old for old in known if old.key == atom.key)
    alike = (old for old in known if _same_question(atom, old) and _has_fields(old, atom.fields))
    found = next(exactly, None) or next(alike, atom)
    return replace(found, name=atom.name)


def _same_question(atom: Atom, old: Atom) -> bool:
    def parts(one: Atom) -> tuple[object, ...]:
        return _words(one.statement), _words(one.include), _words(one.exclude), one.term

    return parts(atom) == parts(old)


def _has_fields(old: Atom, fields: Sequence[AtomField]) -> bool:
    """Whether the earlier atom extracts these fields, by the same names; more of them do no harm."""
    there = {(f.name, f.type, f.label, _words(f.description)) for f in old.fields}
    return {(f.name, f.type, f.label, _words(f.description)) for f in fields} <= there


def _words(text: str) -> tuple[str, ...]:
    return tuple(_WORDS.findall(text.casefold()))
