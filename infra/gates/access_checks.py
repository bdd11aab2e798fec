"""Who may do what: every role names its actions and its resources."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator

from infra.gates.application import SECRET, Application, as_list
from infra.local.template import Json

KNOW_NO_RESOURCES = {
    "xray:PutTraceSegments": "a trace has no name before it is sent",
    "xray:PutTelemetryRecords": "as above",
    "xray:GetSamplingRules": "rules are the account's",
    "xray:GetSamplingTargets": "as above",
    "states:SendTaskSuccess": "a task token names no resource; it is the credential itself",
    "states:SendTaskFailure": "as above",
    "logs:CreateLogDelivery": "log deliveries of a state machine are the account's",
    "logs:GetLogDelivery": "as above",
    "logs:UpdateLogDelivery": "as above",
    "logs:DeleteLogDelivery": "as above",
    "logs:ListLogDeliveries": "as above",
    "logs:PutResourcePolicy": "as above",
    "logs:DescribeResourcePolicies": "as above",
    "logs:DescribeLogGroups": "as above",
    "ec2:CreateNetworkInterface": "Lambda makes the interface, before there is one to name",
    "ec2:DescribeNetworkInterfaces": "describing knows no resources",
    "ec2:DescribeSubnets": "describing knows no resources",
    "ec2:DeleteNetworkInterface": "Lambda deletes what it made; its id is known to nobody before",
    "ec2:AssignPrivateIpAddresses": "as above",
    "ec2:UnassignPrivateIpAddresses": "as above",
}
"""The only actions allowed on `*`, and why."""
READS_QUEUE = {"sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"}
UNPACKS = ("IngestFileRole", "DrainDeadLettersRole")
"""Ingestion writes the files of an archive as uploads of their own."""
DELIVERS_REMOVALS = ("ServeApiRole", "ReconcileWorkRole", *UNPACKS)
"""The outbox of deletions names uploads and exports; deleting lists their versions."""
SECRET_VARIABLES = {"DATABASE_SECRET_ARN", "MODEL_KEY_SECRET_ARN", "PINECONE_SECRET_ARN"}
SECRET_PARAMETERS = {"DatabaseSecretArn", "ModelKeySecretArn", "PineconeSecretArn"}
SUSPICIOUS = ("PASSWORD", "API_KEY", "_TOKEN", "DATABASE_URL")


def no_action_is_a_wildcard(app: Application) -> Iterator[str]:
    """Actions are written out."""
    for role, statement in app.statements():
        for action in as_list(statement.get("Action", statement.get("NotAction", "*"))):
            if "*" in action or "NotAction" in statement:
                yield f"{role}: the action {action} is a wildcard"


def resources_are_named(app: Application) -> Iterator[str]:
    """`*` stands only beside the actions of KNOW_NO_RESOURCES."""
    for role, statement in app.statements():
        resources = as_list(statement.get("Resource", "*"))
        broad = [text for text in resources if _is_broad(text)]
        for action in as_list(statement["Action"]):
            if broad and action not in KNOW_NO_RESOURCES:
                yield f"{role}: {action} on {', '.join(broad)}"


def _is_broad(resource: str) -> bool:
    """Executions of one machine and streams of one group are named as far as they can be."""
    named = ":execution:" in resource or ":log-group:" in resource
    return resource == "*" or (resource.endswith(":*") and not named)


def every_function_has_a_role_of_its_own(app: Application) -> Iterator[str]:
    """No two functions share a role; no policy of AWS's own, which are all wide."""
    roles = Counter(json.dumps(properties["Role"]) for properties in app.functions().values())
    for name, properties in app.functions().items():
        if (
            properties["Role"] != {"Fn::GetAtt": [f"{name}Role", "Arn"]}
            or roles[json.dumps(properties["Role"])] > 1
        ):
            yield f"{name}: its role is {properties['Role']}"
    for name, properties in app.of("AWS::IAM::Role"):
        for policy in properties.get("ManagedPolicyArns", []):
            if "iam::aws" in json.dumps(policy):
                yield f"{name}: carries {policy}, which names no resources"


def only_services_take_roles(app: Application) -> Iterator[str]:
    """Lambda for functions, Step Functions for the state machine."""
    for name, properties in app.of("AWS::IAM::Role"):
        wanted = "states" if name == "AnswerJobRole" else "lambda"
        for statement in properties["AssumeRolePolicyDocument"]["Statement"]:
            if statement["Principal"] != {"Service": f"{wanted}.amazonaws.com"}:
                yield f"{name}: may be taken by {statement['Principal']}"


def only_the_given_secrets_are_read(app: Application) -> Iterator[str]:
    """GetSecretValue on exactly the parameters' ARNs."""
    known = {SECRET + name for name in ("database-a1b2c3", "model-a1b2c3", "pinecone-a1b2c3")}
    read: set[str] = set()
    for role, statement in app.statements():
        for action in as_list(statement["Action"]):
            if action.startswith("secretsmanager:"):
                read |= set(as_list(statement["Resource"]))
                if (
                    action != "secretsmanager:GetSecretValue"
                    or not set(as_list(statement["Resource"])) <= known
                ):
                    yield f"{role}: {action} on {statement['Resource']}"
    for secret in sorted(known - read):
        yield f"nobody may read {secret}"


def no_secret_stands_in_the_environment(app: Application) -> Iterator[str]:
    """Only the ARNs of secrets do; they are read at run time."""
    for name, properties in app.functions().items():
        for variable, value in properties["Environment"]["Variables"].items():
            leads_to_secret = any(parameter in json.dumps(value) for parameter in SECRET_PARAMETERS)
            if leads_to_secret and variable not in SECRET_VARIABLES:
                yield f"{name}: {variable} is made of a secret's parameter"
            if "{{resolve:" in json.dumps(value) or variable.endswith(SUSPICIOUS):
                yield f"{name}: {variable} would hold a secret's value"


def whoever_is_fed_by_a_queue_may_read_it(app: Application) -> Iterator[str]:
    """Lambda polls in the function's name, and reads no other queue."""
    wanted: dict[str, set[str]] = {}
    for function, queue, _ in app.mappings():
        wanted.setdefault(f"{function}Role", set()).add(f"arn:aws:sqs:us-east-1:123456789012:{queue}")
    for action in READS_QUEUE - {"sqs:GetQueueAttributes"}:
        for role, _ in app.of("AWS::IAM::Role"):
            found = allowed_resources(app, role, action)
            if found != wanted.get(role, set()):
                yield f"{role}: {action} on {sorted(found)}, fed by {sorted(wanted.get(role, set()))}"


def archives_can_be_unpacked(app: Application) -> Iterator[str]:
    """Whoever ingests may write uploads."""
    for role in UNPACKS:
        if not _may(app, role, "s3:PutObject", "/uploads/*"):
            yield f"{role}: may not write the files of an archive to uploads/"


def whoever_delivers_the_outbox_may_delete(app: Application) -> Iterator[str]:
    """Every version of the objects the outbox of deletions names."""
    for role in DELIVERS_REMOVALS:
        for folder in ("/uploads/*", "/exports/*"):
            if not _may(app, role, "s3:DeleteObjectVersion", folder):
                yield f"{role}: may not delete from {folder}"
        if not _may(app, role, "s3:ListBucketVersions", ""):
            yield f"{role}: may not list versions"


def _may(app: Application, role: str, action: str, suffix: str) -> bool:
    found = allowed_resources(app, role, action)
    return any(resource.endswith(suffix) for resource in found)


def allowed_resources(app: Application, role: str, action: str) -> set[str]:
    """What a role's own policies let it do `action` on."""
    return {
        resource
        for owner, statement in app.statements()
        if owner == role and action in as_list(statement["Action"])
        for resource in as_list(statement["Resource"])
    }


def allowed_actions(app: Application, role: str) -> set[str]:
    """Every action of a role, the managed policies it carries included."""
    properties: Json = app.resources[role]["Properties"]
    carried = json.dumps(properties.get("ManagedPolicyArns", []))
    owners = {role, *(name for name, _ in app.of("AWS::IAM::ManagedPolicy") if f'"{name}"' in carried)}
    return {
        action
        for owner, statement in app.statements()
        if owner in owners
        for action in as_list(statement["Action"])
    }


def the_machine_invokes_its_functions_only(app: Application) -> Iterator[str]:
    """Exactly those the state machine names."""
    (machine,) = (body for _, body in app.of("AWS::StepFunctions::StateMachine"))
    wanted = set(app.resolver().value(machine["DefinitionSubstitutions"]).values())
    found = allowed_resources(app, "AnswerJobRole", "lambda:InvokeFunction")
    if found != wanted:
        yield f"AnswerJobRole: invokes {sorted(found)}, not {sorted(wanted)}"


CHECKS = (
    no_action_is_a_wildcard,
    resources_are_named,
    every_function_has_a_role_of_its_own,
    only_services_take_roles,
    only_the_given_secrets_are_read,
    no_secret_stands_in_the_environment,
    whoever_is_fed_by_a_queue_may_read_it,
    archives_can_be_unpacked,
    whoever_delivers_the_outbox_may_delete,
    the_machine_invokes_its_functions_only,
)
