"""What the functions of one machine measured, from their logs: the dashboard of people without CloudWatch."""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass
class Summary:
    """All values of one metric with the same dimensions."""

    values: list[float] = field(default_factory=list)

    def shown(self, unit: str) -> str:
        """Counts and dollars as their sum; times and shares by their median and largest."""
        if unit in ("Count", "None"):
            return f"{sum(self.values):,.6g}"
        ordered = sorted(self.values)
        return f"{ordered[len(ordered) // 2]:,.4g} median, {ordered[-1]:,.4g} at most, of {len(ordered)}"


def summarise(folder: Path) -> Iterator[str]:
    """A line a metric, in alphabetical order; `folder` holds the logs."""
    found: dict[tuple[str, str], Summary] = defaultdict(Summary)
    for path in sorted(folder.glob("*.log")):
        with path.open(encoding="utf-8", errors="replace") as lines:
            for name, unit, values in _measured(lines):
                found[name, unit].values += values
    for (name, unit), summary in sorted(found.items()):
        yield f"{name:<44} {summary.shown(unit)}"


def _measured(lines: Iterable[str]) -> Iterator[tuple[str, str, list[float]]]:
    for line in lines:
        if not line.startswith('{"_aws"'):
            continue
        written: dict[str, Any] = json.loads(line)
        for directive in written["_aws"]["CloudWatchMetrics"]:
            dimensions = ", ".join(str(written[name]) for name in directive["Dimensions"][0])
            for metric in directive["Metrics"]:
                named = f"{metric['Name']} ({dimensions})" if dimensions else metric["Name"]
                yield named, metric["Unit"], written[metric["Name"]]
