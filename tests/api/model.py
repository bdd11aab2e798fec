"""A model server behind the functions of this process, as a deployment with a key has one."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from census import bootstrap
from tests.model_server import Brain, FaultPlan, ModelServer
from tests.model_server.faults import NO_FAULTS


@contextmanager
def model_behind(
    monkeypatch: pytest.MonkeyPatch, brain: Brain, faults: FaultPlan = NO_FAULTS
) -> Iterator[ModelServer]:
    """Serves the brain and makes the functions use it, until the block ends."""
    with ModelServer(brain, faults) as server:
        monkeypatch.setenv("OPENAI_API_KEY", "sk-tests")
        monkeypatch.setenv("OPENAI_BASE_URL", server.base_url)
        bootstrap.forget()
        yield server
