"""The application as it would be deployed; read once, it is not changed by tests."""

import pytest

from infra.gates.application import Application


@pytest.fixture(scope="session")
def app() -> Application:
    return Application.read()
