"""What parliament finds in the policies and is accepted, each with its reason."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path

ACCEPTED = {
    ("ReconcileWorkRole", "RESOURCE_MISMATCH", "states:DescribeExecution"): (
        "parliament asks for an express execution as well; ours is a standard state machine"
    ),
}
"""By role, issue and action."""


def not_accepted(lines: Iterable[str]) -> Iterator[str]:
    """Findings, one JSON object a line, that ACCEPTED does not name."""
    for line in filter(None, map(str.strip, lines)):
        finding = json.loads(line)
        role = Path(finding["location"].get("filepath", "")).stem
        known = any(
            (role, finding["issue"]) == (owner, issue) and action in str(finding["detail"])
            for owner, issue, action in ACCEPTED
        )
        if not known:
            yield f"{role}: {finding['title']}: {finding['detail']}"
