"""Fixtures that every test may ask for, and which tests share a worker."""

from pathlib import Path

import pytest

pytest_plugins = ["tests.postgres"]

TESTS = Path(__file__).parent
ONE_WORKER = {"stack", "local", "chaos"}
"""Folders whose tests share a running stack, or moto, of which a process can hold one."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """With several workers (`-n 2 --dist loadgroup`) the tests of such a folder stay together."""
    for item in items:
        folder = item.path.relative_to(TESTS).parts[0]
        if folder in ONE_WORKER:
            item.add_marker(pytest.mark.xdist_group(folder))
