"""Deploys what moto's CloudFormation knows of the application, nested stacks included."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import boto3

from infra.gates.references import Resolver
from infra.local.deployment import REGION
from infra.local.template import Json, without_unknown_references

BUCKET = "nested-templates"
NOTHING = {"Ref": "AWS::NoValue"}
ROOT_STACK = "Census"


def deploy_in_moto(template: Json, nested: Mapping[str, Json], parameters: Mapping[str, str]) -> Json:
    """Creates the stack, to be called in a mocked AWS; by stack, the resources that exist afterwards."""
    _upload(nested)
    body = decided(_reduced(template), Resolver(template, parameters))
    declared = template.get("Parameters", {})
    boto3.client("cloudformation", region_name=REGION).create_stack(
        StackName=ROOT_STACK,
        TemplateBody=json.dumps(body),
        Parameters=[{"ParameterKey": k, "ParameterValue": v} for k, v in parameters.items() if k in declared],
    )
    made = _made(ROOT_STACK)
    stacks = {ROOT_STACK: made, **{name: _made(made[name]) for name in nested}}
    return {name: sorted(found) for name, found in stacks.items()}


def _upload(nested: Mapping[str, Json]) -> None:
    client = boto3.client("s3", region_name=REGION)
    client.create_bucket(Bucket=BUCKET)
    for name, template in nested.items():
        client.put_object(Bucket=BUCKET, Key=f"{name}.json", Body=json.dumps(_reduced(template)).encode())


def decided(node: Any, resolver: Resolver) -> Any:
    """Every Fn::If by its branch, without what is AWS::NoValue: moto leaves a null in lists."""
    if isinstance(node, list):
        found = [decided(item, resolver) for item in node]
        return [item for item in found if item != NOTHING]
    if not isinstance(node, dict):
        return node
    if set(node) == {"Fn::If"}:
        condition, yes, no = node["Fn::If"]
        return decided(yes if resolver.condition(condition) else no, resolver)
    pairs = {key: decided(item, resolver) for key, item in node.items()}
    return {key: item for key, item in pairs.items() if item != NOTHING}


def _reduced(template: Json) -> Json:
    """Without what moto lacks; code and documents lie nowhere, so they are empty."""
    from moto.cloudformation.parsing import get_model_map

    kinds = get_model_map()
    kept = {name: row for name, row in template["Resources"].items() if row["Type"] in kinds}
    sections: Json = {
        key: template[key] for key in ("Parameters", "Conditions", "Mappings") if key in template
    }
    resources = {name: _emptied(name, row) for name, row in kept.items()}
    known = {*kept, *template.get("Parameters", {})}
    return {**sections, "Resources": without_unknown_references(resources, known)}


def _emptied(name: str, resource: Json) -> Json:
    properties = dict(resource.get("Properties", {}))
    match resource["Type"]:
        case "AWS::Lambda::Function":
            properties["Code"] = {"ZipFile": ""}
        case "AWS::Lambda::LayerVersion":
            properties["Content"] = {"ZipFile": ""}
        case "AWS::StepFunctions::StateMachine":
            properties["DefinitionString"] = "{}"
        case "AWS::CloudFormation::Stack":
            properties["TemplateURL"] = f"https://{BUCKET}.s3.amazonaws.com/{name}.json"
        case "AWS::S3::Bucket":
            properties.pop("NotificationConfiguration", None)
    kept = {key: value for key, value in resource.items() if key in ("Type", "Condition")}
    return {**kept, "Properties": properties}


def _made(stack: str) -> dict[str, str]:
    """Physical ids by logical id."""
    rows = boto3.client("cloudformation", region_name=REGION).describe_stack_resources(StackName=stack)
    return {row["LogicalResourceId"]: row.get("PhysicalResourceId", "") for row in rows["StackResources"]}
