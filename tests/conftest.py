"""Fixtures that every test may ask for, in which order tests begin, and how Hypothesis draws."""

import time
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from tests.units import UnitScheduling, in_order

pytest_plugins = ["tests.postgres"]

# The same code meets the same examples on every machine, however slow: a failure is then one of the code.
# `--hypothesis-profile=explore` draws new ones, and `make chaos` leads the long random runs.
settings.register_profile(
    "explore", deadline=None, print_blob=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("suite", settings.get_profile("explore"), derandomize=True)
settings.load_profile("suite")

LONGEST_TEST_THAT_LOOKS_AT_THE_DATE = 30.0


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest units first: with `--no-loadscope-reorder` the workers take them in this order."""
    items.sort(key=lambda item: in_order(item.nodeid))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> UnitScheduling | None:
    """`--dist loadfile` goes by units."""
    return UnitScheduling(config, log) if config.getoption("dist") == "loadfile" else None


def pytest_runtest_setup() -> None:
    """Let no test begin today and end tomorrow: spending is counted by days and months of UTC."""
    left = -time.time() % (24 * 60 * 60)
    if left < LONGEST_TEST_THAT_LOOKS_AT_THE_DATE:
        time.sleep(left + 1)
