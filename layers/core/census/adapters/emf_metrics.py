"""Measurements as CloudWatch's embedded metric format: lines of the function's log, which cost no request.

Powertools writes the format. One line holds the metrics that share their dimensions.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
"""

import json
import sys
import threading
from typing import TextIO

from aws_lambda_powertools.metrics.provider.cloudwatch_emf.cloudwatch import AmazonCloudWatchEMFProvider

from census.domain.measures import Measurement

MOST_VALUES = 100
"""Of one metric in one line, by the specification."""


class EmfMetrics:
    """Collects measurements until `flush` writes them. Implements census.ports.metrics.Metrics."""

    def __init__(self, namespace: str, output: TextIO | None = None) -> None:
        self._namespace = namespace
        self._output = output
        self._lock = threading.Lock()
        self._waiting: list[Measurement] = []

    def record(self, measurement: Measurement) -> None:
        """See the port."""
        with self._lock:
            self._waiting.append(measurement)

    def flush(self) -> None:
        """Write what was recorded since the last time."""
        with self._lock:
            waiting, self._waiting = self._waiting, []
        while waiting:
            line, waiting = self._line(waiting)
            print(line, file=self._output or sys.stdout, flush=True)

    def _line(self, waiting: list[Measurement]) -> tuple[str, list[Measurement]]:
        """As many as fit into one line with the first, and the rest."""
        provider = AmazonCloudWatchEMFProvider(namespace=self._namespace, service="")
        dimensions = waiting[0].dimensions
        for name, value in dimensions.items():
            provider.add_dimension(name, value)
        taken: dict[str, int] = {}
        rest = []
        for measurement in waiting:
            name = measurement.measure.name
            taken[name] = taken.get(name, 0) + 1
            fits = measurement.dimensions == dimensions and taken[name] < MOST_VALUES
            if fits:
                provider.add_metric(name, measurement.measure.unit.value, measurement.value)
            else:
                rest.append(measurement)
        return json.dumps(provider.serialize_metric_set()), rest
