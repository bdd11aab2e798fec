"""Translates a SAM template for moto's CloudFormation.

Local folders travel through the translation as the key of a made-up S3 address, so that the translated
function still names its folder. Names are fixed (`census-<LogicalId>`): a restart finds the same ARNs.
"""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import boto3
from samtranslator.model.exceptions import InvalidDocumentException
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator
from samtranslator.yaml_helper import yaml_parse

from infra.local.deployment import REGION

Json = dict[str, Any]
STACK = "census"
LOCAL_BUCKET = "local"
FOLDER_PROPERTIES = ("CodeUri", "ContentUri", "DefinitionUri")
VERSION_PROPERTIES = ("AutoPublishAlias", "AutoPublishCodeSha256", "DeploymentPreference")
NAME_PROPERTIES = {
    "AWS::SQS::Queue": "QueueName",
    "AWS::S3::Bucket": "BucketName",
    "AWS::Lambda::Function": "FunctionName",
    "AWS::StepFunctions::StateMachine": "StateMachineName",
}
ROLE = "CensusLocalRole"
ROLE_RESOURCE: Json = {
    "Type": "AWS::IAM::Role",
    "Properties": {
        "RoleName": "census-local",
        "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": []},
    },
}
ROLE_ARN: Json = {"Fn::GetAtt": [ROLE, "Arn"]}


class TemplateError(Exception):
    """The template cannot be used: which part, and why."""


def load(path: Path) -> Json:
    """The template as plain data, short tags expanded; raises TemplateError when it is no mapping."""
    template = yaml_parse(path.read_text(encoding="utf-8"))
    if not isinstance(template, dict) or "Resources" not in template:
        raise TemplateError(f"{path} has no Resources section")
    # Anchors share one object; the translator changes objects in place.
    loaded: Json = json.loads(json.dumps(template, default=str))
    return loaded


def translate(template: Json, parameters: Mapping[str, str]) -> Json:
    """The CloudFormation template that SAM makes of `template`; raises TemplateError with SAM's own words."""
    prepared = _with_local_folders(template)
    session = boto3.Session(region_name=REGION)
    translator = Translator({}, Parser(), boto_session=session)
    try:
        return dict(translator.translate(prepared, dict(parameters)))
    except InvalidDocumentException as error:
        causes = "; ".join(str(cause.message) for cause in error.causes)
        raise TemplateError(f"SAM cannot translate the template: {causes}") from error


def _with_local_folders(template: Json) -> Json:
    prepared = copy.deepcopy(template)
    sections = list(prepared.get("Globals", {}).values())
    sections += [resource.get("Properties", {}) for resource in prepared["Resources"].values()]
    for properties in sections:
        for name in FOLDER_PROPERTIES:
            if isinstance(properties.get(name), str):
                properties[name] = f"s3://{LOCAL_BUCKET}/{properties[name]}"
        for name in VERSION_PROPERTIES:
            properties.pop(name, None)
    return prepared


def deployable(translated: Json) -> Json:
    """The part of a translated template that moto deploys, and all that others refer to.

    Kept are queues, buckets, functions and state machines (and one role for all), without what moto lacks
    or does wrongly (bucket notifications, code from S3, roles). References to anything else become plain
    text.
    """
    resources = {
        logical_id: _deployable_resource(logical_id, resource)
        for logical_id, resource in translated["Resources"].items()
        if resource["Type"] in NAME_PROPERTIES
    }
    sections: Json = {
        name: translated[name] for name in ("Parameters", "Mappings", "Conditions") if name in translated
    }
    resources[ROLE] = ROLE_RESOURCE
    known = {*resources, *translated.get("Parameters", {})}
    return {**sections, "Resources": without_unknown_references(resources, known)}


def _deployable_resource(logical_id: str, resource: Json) -> Json:
    kind = resource["Type"]
    properties = copy.deepcopy(resource.get("Properties", {}))
    name = f"{STACK}-{logical_id}"
    properties.setdefault(NAME_PROPERTIES[kind], name.lower() if kind == "AWS::S3::Bucket" else name)
    if kind == "AWS::S3::Bucket":
        properties.pop("NotificationConfiguration", None)
    elif kind == "AWS::Lambda::Function":
        properties |= {"Code": {"ZipFile": ""}, "Role": ROLE_ARN}
        for unused in ("Layers", "LoggingConfig", "TracingConfig", "SnapStart"):
            properties.pop(unused, None)
    elif kind == "AWS::StepFunctions::StateMachine":
        properties = {
            "StateMachineName": properties["StateMachineName"],
            "DefinitionString": "{}",
            "RoleArn": ROLE_ARN,
        }
    kept = {"Type": kind, "Properties": properties}
    return kept | ({"Condition": resource["Condition"]} if "Condition" in resource else {})


def without_unknown_references(value: Any, known: set[str]) -> Any:
    """`value` with each Ref, GetAtt and Sub that leads out of `known` replaced by the name it asks for."""
    if isinstance(value, list):
        return [without_unknown_references(item, known) for item in value]
    if not isinstance(value, dict):
        return value
    target = value.get("Ref")
    if isinstance(target, str) and target not in known and not target.startswith("AWS::"):
        return target
    attribute = value.get("Fn::GetAtt")
    if isinstance(attribute, list) and attribute[0] not in known:
        return f"{attribute[0]}.{attribute[1]}"
    if isinstance(value.get("Fn::Sub"), str):
        return {"Fn::Sub": _without_unknown_placeholders(value["Fn::Sub"], known)}
    return {key: without_unknown_references(item, known) for key, item in value.items()}


def _without_unknown_placeholders(text: str, known: set[str]) -> str:
    def keep(match: re.Match[str]) -> str:
        name = match[1].partition(".")[0]
        return match[0] if name in known or name.startswith(("AWS::", "!")) else match[1]

    return re.sub(r"\$\{([^}]+)\}", keep, text)
