"""Where measurements go."""

from typing import Protocol

from census.domain.measures import Measure, Measurement


class Metrics(Protocol):
    """Takes measurements, from any thread; never fails."""

    def record(self, measurement: Measurement) -> None:
        """Take one."""
        ...


class Unmeasured:
    """Nobody measures."""

    def record(self, measurement: Measurement) -> None:
        """Forget it."""


UNMEASURED = Unmeasured()


def count(metrics: Metrics, measure: Measure, value: float = 1, **dimensions: str) -> None:
    """Record one value; dimensions by name."""
    metrics.record(Measurement(measure, value, dimensions))
