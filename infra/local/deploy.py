"""Deploys a translated template into moto's CloudFormation and reads back what it resolved to."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from infra.local.deployment import (
    ACCOUNT,
    REGION,
    Bucket,
    Deployment,
    Function,
    Notification,
    QueueMapping,
    Route,
    Schedule,
    StateMachine,
)
from infra.local.template import STACK, Json, TemplateError, deployable, without_unknown_references

DEFAULT_CONCURRENCY = 4
"""Invocations a queue may have in flight where the template sets no MaximumConcurrency."""
UNITS = {"second": 1, "minute": 60, "hour": 3600, "day": 86400}


def deploy(translated: Json, parameters: Mapping[str, str], root: Path) -> Deployment:
    """Creates queues, buckets and functions in moto. `root` holds the state machines' definition files."""
    from moto.cloudformation.models import cloudformation_backends
    from moto.cloudformation.parsing import clean_json

    known = {*translated["Resources"], *translated.get("Parameters", {})}
    _check_parameters(parameters, translated)
    backend = cloudformation_backends[ACCOUNT][REGION]
    stack = backend.create_stack(
        name=STACK, template=json.dumps(deployable(translated)), parameters=dict(parameters), tags={}
    )
    if stack.status != "CREATE_COMPLETE":
        raise TemplateError(f"CloudFormation ended in {stack.status}: {stack.status_reason}")
    deployed = {id for id in known if id in stack.resource_map.resources} | set(
        translated.get("Parameters", {})
    )

    def resolve(value: Any) -> Any:
        return clean_json(without_unknown_references(value, deployed), stack.resource_map)

    return _Reader(translated["Resources"], resolve, root).read()


def _check_parameters(parameters: Mapping[str, str], translated: Json) -> None:
    unknown = sorted(set(parameters) - set(translated.get("Parameters", {})))
    if unknown:
        raise TemplateError(f"the template has no parameter {', '.join(unknown)}")


class _Reader:
    """Reads the resolved properties of each kind of resource."""

    def __init__(self, resources: Json, resolve: Callable[[Any], Any], root: Path) -> None:
        self._resources = resources
        self._resolve = resolve
        self._root = root

    def read(self) -> Deployment:
        functions = {
            logical_id: self._function(logical_id) for logical_id in self._of("AWS::Lambda::Function")
        }
        return Deployment(
            functions=functions,
            mappings=[self._mapping(id, functions) for id in self._of("AWS::Lambda::EventSourceMapping")],
            schedules=[
                schedule
                for id in self._of("AWS::Events::Rule")
                for schedule in self._schedules(id, functions)
            ],
            routes=[route for id in self._of("AWS::ApiGatewayV2::Api") for route in self._routes(id)],
            buckets=[self._bucket(id) for id in self._of("AWS::S3::Bucket")],
            state_machines=[self._state_machine(id) for id in self._of("AWS::StepFunctions::StateMachine")],
            queues={id: str(self._resolve({"Ref": id})) for id in self._of("AWS::SQS::Queue")},
        )

    def _of(self, kind: str) -> Iterator[str]:
        return (logical_id for logical_id, resource in self._resources.items() if resource["Type"] == kind)

    def _properties(self, logical_id: str) -> Json:
        return dict(self._resolve(self._resources[logical_id].get("Properties", {})))

    def _function(self, logical_id: str) -> Function:
        raw = self._resources[logical_id]["Properties"]
        # Layers are not deployed: their references still carry the logical ids.
        layers = [
            str(self._resources[layer["Ref"]]["Properties"]["Content"]["S3Key"])
            for layer in raw.get("Layers", [])
        ]
        properties = self._properties(logical_id)
        variables = properties.get("Environment", {}).get("Variables", {})
        return Function(
            logical_id=logical_id,
            name=str(self._resolve({"Ref": logical_id})),
            arn=str(self._resolve({"Fn::GetAtt": [logical_id, "Arn"]})),
            handler=str(properties["Handler"]),
            code_uri=str(properties["Code"]["S3Key"]),
            layers=layers,
            timeout_seconds=float(properties.get("Timeout", 3)),
            memory_mb=int(properties.get("MemorySize", 128)),
            environment={key: str(value) for key, value in variables.items()},
            log_format=str(properties.get("LoggingConfig", {}).get("LogFormat", "Text")),
        )

    def _mapping(self, logical_id: str, functions: Mapping[str, Function]) -> QueueMapping:
        properties = self._properties(logical_id)
        function = functions[_logical_id(str(properties["FunctionName"]), functions)]
        self._check_visibility(function, str(properties["EventSourceArn"]))
        return QueueMapping(
            function=function.logical_id,
            queue_arn=str(properties["EventSourceArn"]),
            batch_size=int(properties.get("BatchSize", 10)),
            window_seconds=float(properties.get("MaximumBatchingWindowInSeconds", 0)),
            max_concurrency=int(
                properties.get("ScalingConfig", {}).get("MaximumConcurrency", DEFAULT_CONCURRENCY)
            ),
            reports_item_failures="ReportBatchItemFailures" in properties.get("FunctionResponseTypes", []),
        )

    def _check_visibility(self, function: Function, queue_arn: str) -> None:
        """Lambda refuses a queue whose messages would come back while the function still works on them."""
        for logical_id in self._of("AWS::SQS::Queue"):
            visible_after = float(self._properties(logical_id).get("VisibilityTimeout", 30))
            arn = self._resolve({"Fn::GetAtt": [logical_id, "Arn"]})
            if arn == queue_arn and visible_after < function.timeout_seconds:
                raise TemplateError(
                    f"{logical_id}: its VisibilityTimeout of {visible_after:g} s is less than the"
                    f" Timeout of {function.logical_id}, {function.timeout_seconds:g} s"
                )

    def _schedules(self, logical_id: str, functions: Mapping[str, Function]) -> Iterator[Schedule]:
        properties = self._properties(logical_id)
        if properties.get("State") == "DISABLED" or "ScheduleExpression" not in properties:
            return
        seconds = rate_seconds(str(properties["ScheduleExpression"]))
        for target in properties["Targets"]:
            yield Schedule(f"{STACK}-{logical_id}", _logical_id(str(target["Arn"]), functions), seconds)

    def _routes(self, logical_id: str) -> Iterator[Route]:
        body = self._resources[logical_id]["Properties"].get("Body", {})
        for path, methods in body.get("paths", {}).items():
            for method, operation in methods.items():
                uri = json.dumps(operation["x-amazon-apigateway-integration"]["uri"])
                function = re.search(r"\$\{(\w+)(?:\.Arn|\.Alias)?\}/invocations", uri)
                if function is None:
                    raise TemplateError(f"the route {method} {path} does not lead to a function")
                name = "ANY" if method == "x-amazon-apigateway-any-method" else method.upper()
                authorized = any(security != {"NONE": []} for security in operation.get("security", []))
                yield Route(name, path, function[1], authorized)

    def _bucket(self, logical_id: str) -> Bucket:
        properties = self._properties(logical_id)
        rows = properties.get("NotificationConfiguration", {}).get("QueueConfigurations", [])
        return Bucket(
            logical_id=logical_id,
            name=str(self._resolve({"Ref": logical_id})),
            versioned=properties.get("VersioningConfiguration", {}).get("Status") == "Enabled",
            notifications=[_notification(f"{logical_id}-{n}", row) for n, row in enumerate(rows)],
        )

    def _state_machine(self, logical_id: str) -> StateMachine:
        properties = self._properties(logical_id)
        definition = self._definition(logical_id, properties)
        for name, value in properties.get("DefinitionSubstitutions", {}).items():
            definition = definition.replace("${" + name + "}", str(value))
        arn = str(self._resolve({"Ref": logical_id}))
        return StateMachine(logical_id, arn.rpartition(":")[2], arn, definition)

    def _definition(self, logical_id: str, properties: Json) -> str:
        if "DefinitionS3Location" in properties:
            path: Path = self._root / properties["DefinitionS3Location"]["Key"]
            try:
                return path.read_text(encoding="utf-8")
            except OSError as error:
                raise TemplateError(
                    f"{logical_id}: cannot read its definition {path}: {error.strerror}"
                ) from error
        text: Any = properties.get("DefinitionString", "")
        return str(text) if isinstance(text, str) else json.dumps(text)


def _notification(name: str, row: Json) -> Notification:
    rules = row.get("Filter", {}).get("S3Key", {}).get("Rules", [])
    filters = {str(rule["Name"]).lower(): str(rule["Value"]) for rule in rules}
    return Notification(
        name, str(row["Queue"]), [str(row["Event"])], filters.get("prefix", ""), filters.get("suffix", "")
    )


def _logical_id(name_or_arn: str, functions: Mapping[str, Function]) -> str:
    for function in functions.values():
        if name_or_arn in (function.name, function.arn):
            return function.logical_id
    raise TemplateError(f"no function of the template is {name_or_arn}")


def rate_seconds(expression: str) -> float:
    """Seconds of a `rate(…)` expression; raises TemplateError for others, which do not run locally."""
    match = re.fullmatch(r"rate\((\d+) (second|minute|hour|day)s?\)", expression)
    if match is None:
        raise TemplateError(f"only rate(…) schedules run on one machine, not {expression}")
    return float(int(match[1]) * UNITS[match[2]])
