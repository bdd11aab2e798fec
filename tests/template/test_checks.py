"""The template keeps every promise that infra/gates knows to check."""

import pytest

from infra.gates.application import Application
from infra.gates.checks import CHECKS
from tests.template.alarm_checks import ALARM_CHECKS

EVERY = {**CHECKS, **ALARM_CHECKS}


@pytest.mark.parametrize("name", EVERY)
def test_the_template_passes(app: Application, name: str) -> None:
    assert list(EVERY[name](app)) == []
