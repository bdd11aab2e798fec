"""Fixtures that every test may ask for, and which tests share a worker."""

from pathlib import Path

import pytest

pytest_plugins = ["tests.postgres"]

TESTS = Path(__file__).parent
FREE = {"domain", "lexical", "openai", "model_server", "samples", "embedding", "extraction"}
"""Folders whose tests share nothing. Those of any other share a database server, moto or a running stack."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """With several workers (`-n 2 --dist loadgroup`) the tests of a folder that shares stay together."""
    for item in items:
        folder = item.path.relative_to(TESTS).parts[0]
        if folder not in FREE:
            item.add_marker(pytest.mark.xdist_group(folder))
