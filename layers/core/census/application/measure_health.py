"""Measure how work stands: what is stuck, what waits, how full the database is.

Only where the database is awake anyway: with a check of open work, at most once a minute, and with a sweep.
"""

from collections.abc import Callable, Mapping
from time import monotonic

from census.domain.measures import (
    CLAIMS_EXPIRED,
    DATABASE_CONNECTIONS,
    ROWS_WAITING,
    STUCK_ROWS,
    Measure,
)
from census.ports.health_reader import Health, HealthReader
from census.ports.metrics import Metrics, count

EVERY_SECONDS = 60.0


class HealthCheck:
    """Measures at most once in `EVERY_SECONDS`, however often it is asked."""

    def __init__(
        self, reader: HealthReader, metrics: Metrics, clock: Callable[[], float] = monotonic
    ) -> None:
        self._reader = reader
        self._metrics = metrics
        self._clock = clock
        self._last: float | None = None

    def measure(self) -> Health | None:
        """Read and record; None when that was done a moment ago. Raises UnavailableError."""
        now = self._clock()
        if self._last is not None and now - self._last < EVERY_SECONDS:
            return None
        health = self._reader.read()
        self._last = now
        count(self._metrics, DATABASE_CONNECTIONS, health.connections_percent)
        self._record(STUCK_ROWS, health.stuck)
        self._record(ROWS_WAITING, _nonzero(health.waiting))
        self._record(CLAIMS_EXPIRED, _nonzero(health.expired))
        return health

    def _record(self, measure: Measure, rows: Mapping[str, int]) -> None:
        for kind, number in rows.items():
            count(self._metrics, measure, number, Kind=kind)


def _nonzero(rows: Mapping[str, int]) -> dict[str, int]:
    """A metric that is sent costs money, even to say that nothing waits. What is stuck is worth it."""
    return {kind: number for kind, number in rows.items() if number}
