"""Fixtures that every test may ask for, and how Hypothesis draws."""

from hypothesis import HealthCheck, settings

pytest_plugins = ["tests.postgres"]

# The same code meets the same examples on every machine, however slow: a failure is then one of the code.
# `--hypothesis-profile=explore` draws new ones, and `make chaos` leads the long random runs.
settings.register_profile(
    "explore", deadline=None, print_blob=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("suite", settings.get_profile("explore"), derandomize=True)
settings.load_profile("suite")
