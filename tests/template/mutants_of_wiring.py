"""Mutants of what functions are given, and of what begins their work."""

from typing import Any

from infra.gates.application import Application
from tests.template.parts import Mutants, body, change, mapping, variables


def notified(app: Application) -> dict[str, Any]:
    """Whom the bucket tells of uploads."""
    (found,) = body(app, "DocumentsBucket")["NotificationConfiguration"]["QueueConfigurations"]
    assert isinstance(found, dict)
    return found


WIRING: Mutants = {
    "a variable misspelt": (
        "settings_are_read_as_they_are_named",
        lambda app: variables(app, "MapBatch").update(
            MAPS_QUEUE_URL=variables(app, "MapBatch").pop("MAP_QUEUE_URL")
        ),
    ),
    "a variable that nobody reads": (
        "settings_are_read_as_they_are_named",
        lambda app: change(variables(app, "PlanJob"), MODEL_TEMPERATURE="0"),
    ),
    "two queues interchanged": (
        "settings_are_read_as_they_are_named",
        lambda app: change(variables(app, "IngestFile"), INGEST_QUEUE_URL={"Ref": "ScrapeQueue"}),
    ),
    "a sweep that knows no state machine": (
        "settings_are_read_as_they_are_named",
        lambda app: variables(app, "ReconcileWork").pop("STATE_MACHINE_ARN"),
    ),
    "metrics of all stacks in one namespace": (
        "settings_are_read_as_they_are_named",
        lambda app: change(variables(app, "MapBatch"), POWERTOOLS_METRICS_NAMESPACE="Census"),
    ),
    "a parameter without effect": (
        "parameters_reach_what_is_named_after_them",
        lambda app: change(variables(app, "MapBatch"), MODEL_TIMEOUT_SECONDS="25"),
    ),
    "figures that are checked but not those deployed": (
        "parameters_reach_what_is_named_after_them",
        lambda app: change(body(app, "Schema"), MapTimeoutSeconds=60),
    ),
    "another database that nobody migrates": (
        "parameters_reach_what_is_named_after_them",
        lambda app: body(app, "Schema").pop("DatabaseSecretArn"),
    ),
    "an API that may never run": (
        "parameters_reach_what_is_named_after_them",
        lambda app: change(body(app, "ServeApi"), ReservedConcurrentExecutions=0),
    ),
    "the code of another function": (
        "functions_are_the_code_of_their_name",
        lambda app: change(body(app, "SettleJob")["Code"], S3Key="functions/reduce_job/"),
    ),
    "a handler misspelt": (
        "functions_are_the_code_of_their_name",
        lambda app: change(body(app, "SettleJob"), Handler="handler.handler"),
    ),
    "an alias that keeps the layers of before": (
        "functions_are_the_code_of_their_name",
        lambda app: change(app.source["Globals"]["Function"], AutoPublishAlias="live"),
    ),
    "a layer built for another processor": (
        "layers_are_built_for_their_functions",
        lambda app: change(app.source["Resources"]["DepsLayer"]["Metadata"], BuildArchitecture="x86_64"),
    ),
    "a layer offered to another processor": (
        "layers_are_built_for_their_functions",
        lambda app: change(
            app.source["Resources"]["CoreLayer"]["Properties"], CompatibleArchitectures=["x86_64"]
        ),
    ),
    "a layer for another Python": (
        "layers_are_built_for_their_functions",
        lambda app: change(
            app.source["Resources"]["IngestLayer"]["Properties"], CompatibleRuntimes=["python3.12"]
        ),
    ),
    "uploads that nobody hears of": (
        "uploads_begin_the_work",
        lambda app: body(app, "DocumentsBucket").pop("NotificationConfiguration"),
    ),
    "uploads heard of below another prefix": (
        "uploads_begin_the_work",
        lambda app: change(notified(app)["Filter"]["S3Key"]["Rules"][0], Value="upload/"),
    ),
    "uploads in parts that nobody hears of": (
        "uploads_begin_the_work",
        lambda app: change(notified(app), Event="s3:ObjectCreated:Put"),
    ),
    "a bucket that may not send": (
        "uploads_begin_the_work",
        lambda app: app.resources.pop("IngestQueuePolicy"),
    ),
    "buckets of other accounts that may send": (
        "uploads_begin_the_work",
        lambda app: body(app, "IngestQueuePolicy")["PolicyDocument"]["Statement"][0].pop("Condition"),
    ),
    "a bucket made before it may send": (
        "uploads_begin_the_work",
        lambda app: app.resources["DocumentsBucket"].pop("DependsOn"),
    ),
    "an event source that was switched off": (
        "work_is_fetched",
        lambda app: change(mapping(app, "ReconcileWork"), Enabled=False),
    ),
    "batches fetched one by one": (
        "work_is_fetched",
        lambda app: change(mapping(app, "MapBatch"), BatchSize=1),
    ),
    "dead letters that run together": (
        "work_is_fetched",
        lambda app: change(mapping(app, "DrainDeadLetters"), BatchSize=10),
    ),
    "batches that wait a minute for others": (
        "work_is_fetched",
        lambda app: change(mapping(app, "MapBatch"), MaximumBatchingWindowInSeconds=60),
    ),
    "parsers without memory": (
        "work_is_fetched",
        lambda app: change(body(app, "IngestFile"), MemorySize=128),
    ),
    "a sweep that was switched off": (
        "schedules_run",
        lambda app: change(body(app, "ReconcileWorkSweep"), State="DISABLED"),
    ),
    "a sweep once a day": (
        "schedules_run",
        lambda app: change(body(app, "ReconcileWorkSweep"), ScheduleExpression="rate(1 day)"),
    ),
}
