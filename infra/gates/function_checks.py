"""Functions, their queues, and the order in which a deployment makes them."""

from __future__ import annotations

import json
from collections.abc import Iterator

from census.domain.deployment import OTHER_CONNECTIONS, DeploymentFigures, contradictions
from infra.gates.application import Application, folder_of
from infra.local.deploy import rate_seconds

INGESTION = {"IngestFile", "ScrapePage", "DrainDeadLetters"}
MIGRATION = "MigrateDatabase"
LAYERS = {"layers/core/", "layers/deps/"}
CONSTANT_COST = (
    "AWS::EC2::", "AWS::RDS::", "AWS::ECS::", "AWS::ElastiCache::", "AWS::OpenSearchService::",
    "AWS::ElasticLoadBalancingV2::", "AWS::KMS::Key", "AWS::SecretsManager::Secret", "AWS::Kinesis::",
)  # fmt: skip
AN_HOUR = 3600
TRIES = 3


def functions_run_where_said(app: Application) -> Iterator[str]:
    """python3.13 on arm64, with memory that was chosen."""
    for name, properties in app.functions().items():
        if properties.get("Runtime") != "python3.13" or properties.get("Architectures") != ["arm64"]:
            yield f"{name}: runs {properties.get('Runtime')} on {properties.get('Architectures')}"
        if "MemorySize" not in properties:
            yield f"{name}: no MemorySize"


def functions_carry_their_layers_only(app: Application) -> Iterator[str]:
    """The parsers ride with ingestion, the revisions with the migration."""
    for name, properties in app.functions().items():
        extra = {"layers/ingest/"} if name in INGESTION else {"migrations/"} if name == MIGRATION else set()
        found = {
            folder_of(app.resources[layer["Ref"]]["Properties"]) for layer in properties.get("Layers", [])
        }
        if found != LAYERS | extra:
            yield f"{name}: carries {sorted(found)}"


def functions_log_and_trace(app: Application) -> Iterator[str]:
    """JSON into the common group; X-Ray."""
    for name, properties in app.functions().items():
        if properties.get("LoggingConfig") != {"LogFormat": "JSON", "LogGroup": {"Ref": "FunctionLog"}}:
            yield f"{name}: logs by {properties.get('LoggingConfig')}"
        if properties.get("TracingConfig") != {"Mode": "Active"}:
            yield f"{name}: no tracing"


def logs_end(app: Application) -> Iterator[str]:
    """Every group says how long it keeps its lines."""
    for name, properties in app.of("AWS::Logs::LogGroup"):
        if properties.get("RetentionInDays") != {"Ref": "LogRetentionDays"}:
            yield f"{name}: keeps its lines for ever"


def queues_lose_nothing(app: Application) -> Iterator[str]:
    """Failures are partial; a queue that feeds a function has dead letters, three tries, encryption."""
    queues = dict(app.of("AWS::SQS::Queue"))
    for function, queue, properties in app.mappings():
        if properties.get("FunctionResponseTypes") != ["ReportBatchItemFailures"]:
            yield f"{function}: one failed message of {queue} brings back the whole batch"
    fed = {queue for _, queue, _ in app.mappings() if not queue.endswith("DeadLetters")}
    for queue in sorted(fed):
        policy = queues[queue].get("RedrivePolicy", {})
        target = policy.get("deadLetterTargetArn")
        if target != {"Fn::GetAtt": [queue.replace("Queue", "DeadLetters"), "Arn"]}:
            yield f"{queue}: its dead letters go to {target}"
        elif policy["maxReceiveCount"] != TRIES:
            yield f"{queue}: {policy['maxReceiveCount']} tries; the runbook says {TRIES}"
    for name, properties in queues.items():
        if properties.get("SqsManagedSseEnabled") is not True:
            yield f"{name}: not encrypted"


def dead_letters_are_read(app: Application) -> Iterator[str]:
    """By a function, but for the hints to reconcile, whose work the hourly sweep does anyway."""
    read = {queue for _, queue, _ in app.mappings()}
    for name, _ in app.of("AWS::SQS::Queue"):
        if name.endswith("DeadLetters") and name not in read | {"ReconcileDeadLetters"}:
            yield f"{name}: nobody reads it"


def concurrency_fits_the_database(app: Application) -> Iterator[str]:
    """Every event source has a limit, and all together fit the connections; so say the defaults' figures."""
    fixed = 0
    for function, queue, properties in app.mappings():
        limit = properties.get("ScalingConfig", {}).get("MaximumConcurrency")
        if limit is None:
            yield f"{function}: nothing limits how many run for {queue}"
        elif function != "MapBatch":
            fixed += int(app.number(limit))
    if fixed + 4 > OTHER_CONNECTIONS:
        yield f"{fixed} + 4 connections, but domain/deployment.py has {OTHER_CONNECTIONS}"
    if "ReservedConcurrentExecutions" not in app.functions()["ServeApi"]:
        yield "ServeApi: nothing limits its connections"
    (schema,) = (body for _, body in app.of("Custom::Schema"))
    yield from contradictions(DeploymentFigures.read(app.resolver().value(schema)))


def nothing_runs_before_the_schema(app: Application) -> Iterator[str]:
    """Every function but the migration waits for the schema."""
    for name in app.functions():
        waits = app.resources[name].get("DependsOn", [])
        if name != MIGRATION and "Schema" not in (waits if isinstance(waits, list) else [waits]):
            yield f"{name}: does not wait for the schema"


def the_schema_follows_the_revisions(app: Application) -> Iterator[str]:
    """The resource changes with migrations/, and leads to the migration."""
    (schema,) = (body for _, body in app.of("Custom::Schema"))
    layers = [app.resources[layer]["Properties"] for layer in [schema.get("Revisions", {}).get("Ref", "")]
              if layer in app.resources]  # fmt: skip
    if [folder_of(layer) for layer in layers] != ["migrations/"]:
        yield "Schema: does not change with migrations/"
    if schema["ServiceToken"] != {"Fn::GetAtt": [MIGRATION, "Arn"]}:
        yield f"Schema: asks {schema['ServiceToken']}"


def an_idle_deployment_costs_nothing(app: Application) -> Iterator[str]:
    """Nothing is always on, nothing wakes a sleeping database more than once an hour."""
    for stack, template in app.stacks():
        for name, resource in template["Resources"].items():
            if resource["Type"].startswith(CONSTANT_COST):
                yield f"{stack}{name}: a {resource['Type']} costs money while nothing happens"
            if "ProvisionedConcurrencyConfig" in json.dumps(resource):
                yield f"{stack}{name}: provisioned concurrency costs money while nothing happens"
    for name, properties in app.of("AWS::Events::Rule"):
        if rate_seconds(properties["ScheduleExpression"]) < AN_HOUR:
            yield f"{name}: {properties['ScheduleExpression']} keeps a database awake"


CHECKS = (
    functions_run_where_said,
    functions_carry_their_layers_only,
    functions_log_and_trace,
    logs_end,
    queues_lose_nothing,
    dead_letters_are_read,
    concurrency_fits_the_database,
    nothing_runs_before_the_schema,
    the_schema_follows_the_revisions,
    an_idle_deployment_costs_nothing,
)
