"""Every reference leads somewhere, and every property is one that AWS knows."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from infra.gates.application import Application
from infra.gates.references import PSEUDO, references
from infra.local.deployment import ACCOUNT, REGION
from infra.local.template import Json

CUSTOM = ("Custom::", "AWS::CloudFormation::CustomResource")
TEMPLATE_ONLY = {"AWS::NoValue", "AWS::NotificationARNs", *PSEUDO}
OUTPUTS = {
    "ApiUrl": f"https://Api.execute-api.{REGION}.amazonaws.com",
    "StateMachine": f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:AnswerJob",
    "Dashboard": "Dashboard.Outputs.Url",
    "Documents": "DocumentsBucket",
}
"""What a person is told, with made-up names for what AWS names."""


def references_lead_somewhere(app: Application) -> Iterator[str]:
    """Ref, GetAtt, Sub, If and DependsOn name what is there; attributes are the resource type's."""
    for stack, template in app.stacks():
        known = {*template.get("Parameters", {}), *template["Resources"], *TEMPLATE_ONLY}
        rest = {key: value for key, value in template.items() if key not in ("Resources", "Parameters")}
        for owner, node in [*template["Resources"].items(), *rest.items()]:
            for name, attribute in references(node):
                if name not in known:
                    yield f"{stack}{owner}: refers to {name}, which is not there"
                elif attribute and not _has(template["Resources"].get(name, {}), attribute):
                    yield f"{stack}{owner}: {name} has no attribute {attribute}"
        yield from _conditions(stack, template)


def _conditions(stack: str, template: Json) -> Iterator[str]:
    known = set(template.get("Conditions", {}))
    for name, resource in template["Resources"].items():
        waits = resource.get("DependsOn", [])
        for other in waits if isinstance(waits, list) else [waits]:
            if other not in template["Resources"]:
                yield f"{stack}{name}: waits for {other}, which is not there"
        used = set(re.findall(r'"Fn::If": \["(\w+)"', json.dumps(resource)))
        used |= {resource["Condition"]} if "Condition" in resource else set()
        for condition in sorted(used - known):
            yield f"{stack}{name}: asks the condition {condition}, which is not there"


def _has(resource: Json, attribute: str) -> bool:
    kind = resource.get("Type", "")
    if kind.startswith(CUSTOM):
        return True
    if kind == "AWS::CloudFormation::Stack":
        return attribute.startswith("Outputs.")
    from cfnlint.schema import PROVIDER_SCHEMA_MANAGER

    return attribute in PROVIDER_SCHEMA_MANAGER.get_resource_schema(REGION, kind).get_atts


def provider_schema(kind: str) -> Json:
    """AWS's own schema of a resource type, as cfn-lint ships it."""
    from cfnlint.schema import PROVIDER_SCHEMA_MANAGER

    found: Json = PROVIDER_SCHEMA_MANAGER.get_resource_schema(REGION, kind).schema
    return found


def properties_are_known(app: Application) -> Iterator[str]:
    """Names of properties, at any depth, are those of AWS's schemas; what is required is there."""
    for stack, template in app.stacks():
        for name, resource in template["Resources"].items():
            if not resource["Type"].startswith(CUSTOM):
                schema = provider_schema(resource["Type"])
                yield from _misspelt(f"{stack}{name}", resource.get("Properties", {}), schema, schema)


def _misspelt(path: str, value: Any, schema: Json, root: Json) -> Iterator[str]:
    schema = _followed(schema, root)
    if isinstance(value, list):
        for item in value:
            yield from _misspelt(path, item, schema.get("items", {}), root)
        return
    if not isinstance(value, dict) or _is_intrinsic(value):
        return
    known = schema.get("properties")
    if known is None:
        return
    for name in schema.get("required", []):
        if name not in value:
            yield f"{path}: {name} is missing"
    for key, item in value.items():
        if key in known:
            yield from _misspelt(f"{path}.{key}", item, known[key], root)
        elif schema.get("additionalProperties") is False:
            yield f"{path}: AWS knows no property {key}"


def _is_intrinsic(value: Json) -> bool:
    return len(value) == 1 and next(iter(value)).startswith(("Fn::", "Ref"))


def _followed(schema: Json, root: Json) -> Json:
    while "$ref" in schema:
        schema = root["definitions"][schema["$ref"].rpartition("/")[2]]
    return schema


def a_person_is_told_where_it_is(app: Application) -> Iterator[str]:
    """The outputs lead to the interface, the state machine, the dashboard and the documents."""
    found = app.translated.get("Outputs", {})
    for name in sorted(OUTPUTS.keys() - found.keys()):
        yield f"no output {name}"
    resolver = app.resolver()
    for name in sorted(OUTPUTS.keys() & found.keys()):
        value = str(resolver.value(found[name]["Value"]))
        if value != OUTPUTS[name]:
            yield f"{name}: leads to {value}"


CHECKS = (references_lead_somewhere, properties_are_known, a_person_is_told_where_it_is)
