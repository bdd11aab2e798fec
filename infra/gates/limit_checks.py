"""What AWS refuses only at a deployment: sizes, and resources that wait for each other."""

from __future__ import annotations

import json
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter

from infra.gates.application import Application, as_list
from infra.gates.references import references
from infra.local.template import Json

MOST_RESOURCES, MOST_PARAMETERS, MOST_OUTPUTS = 500, 200, 200
TEMPLATE_BYTES, MACHINE_BYTES = 1_000_000, 1_000_000
ENVIRONMENT_BYTES = 4_096
INLINE_POLICY_BYTES, MANAGED_POLICY_BYTES = 10_240, 6_144
ALARM_TEXT_LENGTH = 1_024
"""https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html and others."""
LONGEST_VALUE = 200
"""Of a parameter that says no MaxLength: names, addresses, ARNs."""


def stacks_fit_cloudformation(app: Application) -> Iterator[str]:
    """Numbers of things, and the size of the text, of each stack; the state machine's document."""
    for stack, template in app.stacks():
        sizes = {
            "resources": (len(template["Resources"]), MOST_RESOURCES),
            "parameters": (len(template.get("Parameters", {})), MOST_PARAMETERS),
            "outputs": (len(template.get("Outputs", {})), MOST_OUTPUTS),
            "bytes": (len(json.dumps(template)), TEMPLATE_BYTES),
        }
        for what, (found, most) in sizes.items():
            if found > most:
                yield f"{stack or 'the stack'}: {found} {what}, at most {most}"
        for name, resource in template["Resources"].items():
            text = resource.get("Properties", {}).get("AlarmDescription", "")
            if len(text) > ALARM_TEXT_LENGTH:
                yield f"{stack}{name}: a description of {len(text)} characters"
    if len(json.dumps(app.machine)) > MACHINE_BYTES:
        yield "the state machine's document is too large"


def environments_fit_lambda(app: Application) -> Iterator[str]:
    """All variables of a function in 4 KB, however long the parameters are that may be long."""
    declared = app.translated["Parameters"]
    longest = {
        name: "x" * max(int(row.get("MaxLength", LONGEST_VALUE)), len(str(row.get("Default", ""))))
        for name, row in declared.items()
        if row["Type"] == "String" and "AllowedValues" not in row
    }
    resolver = app.resolver(**longest)
    for name, properties in app.functions().items():
        variables = resolver.value(properties["Environment"]["Variables"])
        size = sum(len(key) + len(str(value)) for key, value in variables.items())
        if size > ENVIRONMENT_BYTES:
            yield f"{name}: its environment may take {size} bytes, at most {ENVIRONMENT_BYTES}"


def policies_fit_iam(app: Application) -> Iterator[str]:
    """Inline policies of a role together, and each managed one, white space aside."""
    sizes: dict[str, int] = {}
    for owner, statement in app.statements():
        sizes[owner] = sizes.get(owner, 0) + len(json.dumps(statement, separators=(",", ":")))
    for owner, size in sizes.items():
        managed = app.resources[owner]["Type"] == "AWS::IAM::ManagedPolicy"
        most = MANAGED_POLICY_BYTES if managed else INLINE_POLICY_BYTES
        if size > most:
            yield f"{owner}: policies of {size} bytes, at most {most}"


def nothing_waits_for_itself(app: Application) -> Iterator[str]:
    """CloudFormation refuses circular dependencies, such as a bucket and the policy of the queue it tells."""
    for stack, template in app.stacks():
        waits = {name: set(_needed(resource, template)) for name, resource in template["Resources"].items()}
        try:
            TopologicalSorter(waits).prepare()
        except CycleError as error:
            yield f"{stack or 'the stack'}: {' → '.join(error.args[1])}"


def _needed(resource: Json, template: Json) -> Iterator[str]:
    named = {name for name, _ in references(resource.get("Properties", {}))}
    for name in named | set(as_list(resource.get("DependsOn", []))):
        if name in template["Resources"]:
            yield name


CHECKS = (
    stacks_fit_cloudformation,
    environments_fit_lambda,
    policies_fit_iam,
    nothing_waits_for_itself,
)
