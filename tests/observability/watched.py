"""The alarms and the dashboard as data: what each watches."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from census.domain.measures import MEASURES
from infra.local.template import load
from tests.observability.aws_metrics import AWS_METRICS

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "infra" / "observability"
OURS = "Census/${Application}"
Json = dict[str, Any]


@dataclass(frozen=True)
class WatchedMetric:
    """A metric as a template names it; `by` is the alarm or the widget."""

    by: str
    namespace: str
    name: str
    dimensions: Mapping[str, str]

    def problem(self) -> str | None:
        """Why nobody will ever see a value of it; None when all is well."""
        if self.namespace == OURS:
            measure = MEASURES.get(self.name)
            if measure is None:
                return f"{self.by}: the code emits no {self.name}"
            if measure.dimensions.keys() != self.dimensions.keys():
                return f"{self.by}: {self.name} is emitted by {sorted(measure.dimensions)}"
            wrong = [value for key, value in self.dimensions.items() if value not in measure.dimensions[key]]
            return f"{self.by}: {self.name} is never emitted for {wrong}" if wrong else None
        dimensions, names = AWS_METRICS.get(self.namespace, (frozenset(), frozenset()))
        known = self.name in names and self.dimensions.keys() == dimensions
        return (
            None if known else f"{self.by}: AWS has no {self.namespace} {self.name} {dict(self.dimensions)}"
        )


def template(name: str) -> Json:
    return load(FOLDER / f"{name}.yaml")


def alarms(document: Json) -> dict[str, Json]:
    """Properties by logical id."""
    return {
        logical_id: resource["Properties"]
        for logical_id, resource in document["Resources"].items()
        if resource["Type"] == "AWS::CloudWatch::Alarm"
    }


def watched_by_alarms(document: Json) -> Iterator[WatchedMetric]:
    for name, alarm in alarms(document).items():
        sources = [
            query["MetricStat"]["Metric"] for query in alarm.get("Metrics", []) if "MetricStat" in query
        ]
        for metric in sources or [alarm]:
            dimensions = {d["Name"]: text_of(d["Value"]) for d in metric.get("Dimensions", [])}
            yield WatchedMetric(name, text_of(metric["Namespace"]), metric["MetricName"], dimensions)


def text_of(value: Any) -> str:
    """A literal or the name behind Ref and Sub."""
    if isinstance(value, dict):
        return str(value.get("Fn::Sub") or "${" + str(value.get("Ref")) + "}")
    return str(value)


def widgets(document: Json) -> list[Json]:
    body = document["Resources"]["Dashboard"]["Properties"]["DashboardBody"]["Fn::Sub"]
    filled = body.replace("${DailySpendingLimitUsd}", "1")
    found: list[Json] = json.loads(filled)["widgets"]
    return found


def watched_by_dashboard(document: Json) -> Iterator[WatchedMetric]:
    for widget in widgets(document):
        for row in widget["properties"].get("metrics", []):
            parts = row[:-1] if isinstance(row[-1], dict) else row
            dimensions = dict(zip(parts[2::2], parts[3::2], strict=True))
            yield WatchedMetric(widget["properties"]["title"], parts[0], parts[1], dimensions)


def runbook_sections() -> list[str]:
    return re.findall(r"^## (.+)$", (ROOT / "docs" / "runbook.md").read_text("utf-8"), re.M)


def section_of(alarm: Json) -> str:
    """The section that an alarm's description names."""
    found = re.search(r"docs/runbook\.md, '([^']+)'\.$", alarm["AlarmDescription"])
    return found[1] if found else ""
