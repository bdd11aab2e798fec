"""Ways into the application for mutants: the part to change, by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from infra.gates.application import Application

Mutation = Callable[[Application], Any]
Mutants = Mapping[str, tuple[str, Mutation]]
"""The check that must notice, and the mutation, by a sentence that says what is wrong."""


def body(app: Application, logical_id: str) -> dict[str, Any]:
    """The properties of a resource, to be changed."""
    found: dict[str, Any] = app.resources[logical_id]["Properties"]
    return found


def mapping(app: Application, function: str) -> dict[str, Any]:
    """The first event source mapping of a function."""
    return next(properties for name, _, properties in app.mappings() if name == function)


def variables(app: Application, function: str) -> dict[str, Any]:
    """The environment of a function."""
    found: dict[str, Any] = body(app, function)["Environment"]["Variables"]
    return found


def statement(app: Application, role: str, action: str) -> dict[str, Any]:
    """The first statement of a role's own policies that has this action."""
    rows = [row for policy in body(app, role)["Policies"] for row in policy["PolicyDocument"]["Statement"]]
    return next(row for row in rows if action in row["Action"])


def api(app: Application) -> dict[str, Any]:
    """The document of the HTTP interface."""
    return next(dict(properties["Body"]) for _, properties in app.of("AWS::ApiGatewayV2::Api"))


def stage(app: Application) -> dict[str, Any]:
    """The stage of the HTTP interface."""
    return next(properties for _, properties in app.of("AWS::ApiGatewayV2::Stage"))


def state(app: Application, name: str) -> dict[str, Any]:
    """A state of the state machine."""
    found: dict[str, Any] = app.machine["States"][name]
    return found


def change(target: Mapping[str, Any], **values: Any) -> None:
    """Sets keys of a part."""
    assert isinstance(target, dict)
    target.update(values)
