"""CloudWatch's evaluation of an alarm, in small: statistics by period, metric math, M of N, missing data.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-evaluation.html
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from infra.local.template import Json
from tests.observability.watched import text_of

Samples = Callable[[int], Sequence[float]]
"""What is measured in a minute."""
Course = Mapping[tuple[str, ...], Samples]
"""Samples by the metric's name and its dimensions' values."""
COMPARE = {
    "GreaterThanThreshold": operator.gt,
    "GreaterThanOrEqualToThreshold": operator.ge,
    "LessThanThreshold": operator.lt,
    "LessThanOrEqualToThreshold": operator.le,
}
STATISTICS: dict[str, Callable[[Sequence[float]], float]] = {
    "Sum": sum,
    "Maximum": max,
    "Minimum": min,
    "SampleCount": len,
    "Average": lambda samples: sum(samples) / len(samples),
}
FUNCTIONS: dict[str, Callable[..., Any]] = {
    "IF": lambda condition, yes, no: yes if condition else no,
    "FILL": lambda value, other: other if value is None else value,
    "SUM": lambda values: sum(found) if (found := [v for v in values if v is not None]) else None,
}


def rings(alarm: Json, course: Course, minutes: int, limits: Mapping[str, float]) -> bool:
    """Whether the alarm rings when the course has gone on for `minutes`, after a day without any data."""
    period = _period(alarm) // 60
    points = [
        _point(alarm, course, end - period, end)
        for end in range(minutes, minutes - period * int(alarm["EvaluationPeriods"]), -period)
    ]
    threshold = alarm["Threshold"]
    limit = limits[threshold["Ref"]] if isinstance(threshold, dict) else float(threshold)
    compare, breaching = COMPARE[alarm["ComparisonOperator"]], 0
    for point in points:
        missing = point is None and alarm["TreatMissingData"] == "breaching"
        breaching += missing or (point is not None and compare(point, limit))
    return breaching >= int(alarm["DatapointsToAlarm"])


def _period(alarm: Json) -> int:
    periods = [q["MetricStat"]["Period"] for q in alarm.get("Metrics", []) if "MetricStat" in q]
    (period,) = set(periods) or {alarm["Period"]}
    return int(period)


def _point(alarm: Json, course: Course, begin: int, end: int) -> float | None:
    if "Metrics" not in alarm:
        statistic = alarm.get("Statistic") or alarm["ExtendedStatistic"]
        return _statistic(statistic, _samples(alarm, course, begin, end))
    values: dict[str, float | None] = {}
    for query in alarm["Metrics"]:
        if "MetricStat" in query:
            stat = query["MetricStat"]
            found = _samples(stat["Metric"], course, begin, end)
            values[query["Id"]] = _statistic(stat["Stat"], found)
    (shown,) = [q for q in alarm["Metrics"] if q.get("ReturnData", True)]
    return _computed(shown["Expression"], values)


def _samples(metric: Json, course: Course, begin: int, end: int) -> list[float]:
    key = (metric["MetricName"], *(text_of(d["Value"]) for d in metric.get("Dimensions", [])))
    if key not in course:
        return []
    return [value for minute in range(max(0, begin), end) for value in course[key](minute)]


def _statistic(name: str, samples: Sequence[float]) -> float | None:
    if not samples:
        return None
    if name.startswith("p"):
        rank = math.ceil(len(samples) * float(name[1:]) / 100)
        return sorted(samples)[rank - 1]
    return STATISTICS[name](samples)


def _computed(expression: str, values: Mapping[str, float | None]) -> float | None:
    """Metric math, whose grammar but for AND is Python's; what is missing makes the result missing."""
    names = {**FUNCTIONS, "METRICS": lambda: list(values.values()), **values}
    try:
        found = eval(expression.replace(" AND ", " and "), {"__builtins__": {}}, names)
    except (TypeError, ZeroDivisionError):
        return None
    return None if found is None else float(found)
