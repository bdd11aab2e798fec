"""Mutants of functions, queues and references."""

from tests.template.parts import Mutants, body, change, mapping

FUNCTIONS: Mutants = {
    "a function on x86": (
        "functions_run_where_said",
        lambda app: change(body(app, "MapBatch"), Architectures=["x86_64"]),
    ),
    "parsers beside the API": (
        "functions_carry_their_layers_only",
        lambda app: body(app, "ServeApi")["Layers"].append(body(app, "IngestFile")["Layers"][-1]),
    ),
    "text instead of JSON logs": (
        "functions_log_and_trace",
        lambda app: change(body(app, "MapBatch")["LoggingConfig"], LogFormat="Text"),
    ),
    "a function without traces": (
        "functions_log_and_trace",
        lambda app: body(app, "PlanJob").pop("TracingConfig"),
    ),
    "logs kept for ever": ("logs_end", lambda app: body(app, "FunctionLog").pop("RetentionInDays")),
    "failures of one message that repeat ten": (
        "queues_lose_nothing",
        lambda app: mapping(app, "MapBatch").pop("FunctionResponseTypes"),
    ),
    "a queue without dead letters": (
        "queues_lose_nothing",
        lambda app: body(app, "ScrapeQueue").pop("RedrivePolicy"),
    ),
    "one try instead of three": (
        "queues_lose_nothing",
        lambda app: change(body(app, "MapQueue")["RedrivePolicy"], maxReceiveCount=1),
    ),
    "thirty tries of what kills its worker": (
        "queues_lose_nothing",
        lambda app: change(body(app, "MapQueue")["RedrivePolicy"], maxReceiveCount=30),
    ),
    "dead letters in another's queue": (
        "queues_lose_nothing",
        lambda app: change(
            body(app, "MapQueue")["RedrivePolicy"],
            deadLetterTargetArn={"Fn::GetAtt": ["IngestDeadLetters", "Arn"]},
        ),
    ),
    "dead letters nobody reads": (
        "dead_letters_are_read",
        lambda app: app.resources.pop("DrainDeadLettersDeadBatches"),
    ),
    "pages without a limit of concurrency": (
        "concurrency_fits_the_database",
        lambda app: mapping(app, "ScrapePage").pop("ScalingConfig"),
    ),
    "more ingestion than connections were counted": (
        "concurrency_fits_the_database",
        lambda app: change(mapping(app, "IngestFile")["ScalingConfig"], MaximumConcurrency=40),
    ),
    "an API without a limit": (
        "concurrency_fits_the_database",
        lambda app: body(app, "ServeApi").pop("ReservedConcurrentExecutions"),
    ),
    "more model calls than invocations for them": (
        "concurrency_fits_the_database",
        lambda app: change(app.translated["Parameters"]["ModelCallsInFlight"], Default=64),
    ),
    "a worker before the schema": (
        "nothing_runs_before_the_schema",
        lambda app: app.resources["MapBatch"].pop("DependsOn"),
    ),
    "a schema that ignores new revisions": (
        "the_schema_follows_the_revisions",
        lambda app: body(app, "Schema").pop("Revisions"),
    ),
    "a schedule every minute": (
        "an_idle_deployment_costs_nothing",
        lambda app: change(body(app, "ReconcileWorkSweep"), ScheduleExpression="rate(1 minute)"),
    ),
    "a gateway for which one pays by the hour": (
        "an_idle_deployment_costs_nothing",
        lambda app: app.resources.update(Nat={"Type": "AWS::EC2::NatGateway", "Properties": {}}),
    ),
}
SHAPES: Mutants = {
    "a reference to a queue that was renamed": (
        "references_lead_somewhere",
        lambda app: app.resources.update(Maps=app.resources.pop("MapQueue")),
    ),
    "an attribute that does not exist": (
        "references_lead_somewhere",
        lambda app: change(
            body(app, "IngestQueue")["RedrivePolicy"],
            deadLetterTargetArn={"Fn::GetAtt": ["IngestDeadLetters", "QueueArn"]},
        ),
    ),
    "a condition that does not exist": (
        "references_lead_somewhere",
        lambda app: change(app.resources["ModelKeys"], Condition="HasModel"),
    ),
    "a property misspelt": (
        "properties_are_known",
        lambda app: change(body(app, "MapQueue"), VisibilityTimeOut=360),
    ),
    "a property misspelt three levels down": (
        "properties_are_known",
        lambda app: change(body(app, "DocumentsBucket")["LifecycleConfiguration"]["Rules"][0], Expires=1),
    ),
    "a required property left out": (
        "properties_are_known",
        lambda app: body(app, "MapBatch").pop("Role"),
    ),
    "an address that leads nowhere": (
        "a_person_is_told_where_it_is",
        lambda app: change(
            app.translated["Outputs"]["ApiUrl"],
            Value={"Fn::Sub": "https://${ServeApi}.execute-api.${AWS::Region}.${AWS::URLSuffix}"},
        ),
    ),
    "an address nobody is told": (
        "a_person_is_told_where_it_is",
        lambda app: app.translated["Outputs"].pop("ApiUrl"),
    ),
}
