"""Metrics that a test can read."""

import threading
from dataclasses import dataclass, field

from census.domain.measures import Measure, Measurement


@dataclass
class RecordedMetrics:
    """Keeps measurements in the order in which they came."""

    measurements: list[Measurement] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def record(self, measurement: Measurement) -> None:
        """See the port."""
        with self._lock:
            self.measurements.append(measurement)

    def values(self, measure: Measure, **dimensions: str) -> list[float]:
        """What came of a measure with exactly these dimensions."""
        return [m.value for m in self.measurements if m.measure is measure and m.dimensions == dimensions]

    def total(self, measure: Measure, **dimensions: str) -> float:
        return sum(self.values(measure, **dimensions))
