"""Every check of the template, by name. A check yields what is wrong; nothing means that all is well."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from infra.gates import (
    access_checks,
    edge_checks,
    function_checks,
    limit_checks,
    shape_checks,
    stage_checks,
    step_checks,
    time_checks,
    wiring_checks,
    work_checks,
    workflow_checks,
)
from infra.gates.application import Application

Check = Callable[[Application], Iterator[str]]
MODULES = (
    time_checks,
    workflow_checks,
    step_checks,
    access_checks,
    work_checks,
    edge_checks,
    function_checks,
    wiring_checks,
    shape_checks,
    limit_checks,
    stage_checks,
)
CHECKS: Mapping[str, Check] = {check.__name__: check for module in MODULES for check in module.CHECKS}


def findings(app: Application) -> dict[str, list[str]]:
    """What each check finds, without those that find nothing."""
    found = {name: list(check(app)) for name, check in CHECKS.items()}
    return {name: rows for name, rows in found.items() if rows}
