"""The template keeps every promise that infra/gates knows to check."""

import pytest

from infra.gates.application import Application
from infra.gates.checks import CHECKS


@pytest.mark.parametrize("name", CHECKS)
def test_the_template_passes(app: Application, name: str) -> None:
    assert list(CHECKS[name](app)) == []
