"""A check that never fails is none: each mutant of the template is caught by the check it names."""

import pytest

from infra.gates.application import Application
from infra.gates.checks import CHECKS
from tests.template.alarm_checks import ALARM_CHECKS
from tests.template.mutants import GROUPS, MUTANTS

EVERY = {**CHECKS, **ALARM_CHECKS}


@pytest.mark.parametrize("name", MUTANTS)
def test_the_mutant_is_caught(app: Application, name: str) -> None:
    check, mutate = MUTANTS[name]
    mutated = app.copy()

    mutate(mutated)

    assert list(EVERY[check](mutated)), f"{check} does not notice {name}"


def test_every_check_catches_a_mutant() -> None:
    assert set(EVERY) == {check for check, _ in MUTANTS.values()}
    assert len(MUTANTS) == sum(map(len, GROUPS)) >= 40
