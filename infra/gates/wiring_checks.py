"""What a function is given leads where its name says: code, settings, layers, events."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from census.domain.deployment import BATCH_SIZE
from census.domain.identity import UPLOAD_PREFIX
from census.settings import Settings, SettingsError, read_settings
from infra.gates.application import ROOT, Application, snake
from infra.local.deploy import rate_seconds
from infra.local.template import VERSION_PROPERTIES

NOT_OURS = ("POWERTOOLS_",)
"""Variables that a library reads."""
OF_ITS_OWN = {("ServeApi", "MODEL_TIMEOUT_SECONDS")}
"""Variables that are not the parameter of their name: API Gateway gives up earlier than a worker may."""
STARTS_EXECUTIONS = {"ServeApi", "ReconcileWork"}
LEAST_MEMORY_MB = {"ServeApi": 1024, "IngestFile": 1024, "ScrapePage": 1024, "DrainDeadLetters": 1024}
"""The API answers people; a parser may take 384 MB beside its parent. The others wait for the model."""
LONGEST_WINDOW_SECONDS = 2
SCHEDULES = {"ReconcileWork": 3600, "MigrateDatabase": 86_400}


class _Noting(Mapping[str, str]):
    """An environment that notes which variables are asked for."""

    def __init__(self, variables: Mapping[str, str]) -> None:
        self.variables = variables
        self.asked: set[str] = set()

    def __getitem__(self, name: str) -> str:
        self.asked.add(name)
        return self.variables[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.variables)

    def __len__(self) -> int:
        return len(self.variables)


def settings_are_read_as_they_are_named(app: Application) -> Iterator[str]:
    """Every function can read its settings, nothing is there for nobody, addresses lead to their resource."""
    for name, properties in app.functions().items():
        given = {
            key: str(v) for key, v in app.resolver().value(properties["Environment"]["Variables"]).items()
        }
        noting = _Noting(given)
        try:
            yield from _led_astray(name, read_settings(noting))
        except SettingsError as error:
            yield f"{name}: {error}"
            continue
        for variable in sorted(set(given) - noting.asked):
            if not variable.startswith(NOT_OURS):
                yield f"{name}: nobody reads {variable}"


def _led_astray(function: str, settings: Settings) -> Iterator[str]:
    for kind in ("ingest", "scrape", "map", "reconcile"):
        if getattr(settings, f"{kind}_queue_url") != f"{kind.title()}Queue":
            yield f"{function}: its {kind} queue is {getattr(settings, f'{kind}_queue_url')}"
    if settings.documents_bucket != "DocumentsBucket":
        yield f"{function}: its bucket is {settings.documents_bucket}"
    led = settings.state_machine_arn or ""
    if function in STARTS_EXECUTIONS and not led.endswith(":stateMachine:AnswerJob"):
        yield f"{function}: its state machine is {led or 'missing'}"
    if settings.metrics_namespace != "Census/census-dev":
        yield f"{function}: its metrics are {settings.metrics_namespace}'s"


def parameters_reach_what_is_named_after_them(app: Application) -> Iterator[str]:
    """`ModelTimeoutSeconds` is MODEL_TIMEOUT_SECONDS everywhere, and the Schema's property of its name."""
    parameters = {snake(name).upper(): name for name in app.translated["Parameters"]}
    for name, properties in app.functions().items():
        for variable, value in properties["Environment"]["Variables"].items():
            wanted = parameters.get(variable)
            if wanted and value != {"Ref": wanted} and (name, variable) not in OF_ITS_OWN:
                yield f"{name}: {variable} is {value}, not the parameter {wanted}"
    for _, schema in app.of("Custom::Schema"):
        for wanted in ("DatabaseSecretArn", "VectorStore", *app.translated["Parameters"]):
            if wanted in ("DatabaseSecretArn", "VectorStore") and wanted not in schema:
                yield f"Schema: does not run anew when {wanted} changes"
            if wanted in schema and schema[wanted] != {"Ref": wanted}:
                yield f"Schema: {wanted} is {schema[wanted]}"
    reserved = app.functions()["ServeApi"].get("ReservedConcurrentExecutions")
    if app.resolver(ApiConcurrency="7").value(reserved) != "7":
        yield f"ServeApi: reserves {reserved}, not ApiConcurrency"


def functions_are_the_code_of_their_name(app: Application) -> Iterator[str]:
    """`MapBatch` is functions/map_batch, whose handler.py has `handle`; no alias keeps an older version."""
    for name, properties in app.functions().items():
        folder = str(properties["Code"]["S3Key"])
        module, _, function = str(properties["Handler"]).partition(".")
        source = ROOT / folder / f"{module}.py"
        if folder != f"functions/{snake(name)}/" or not source.exists():
            yield f"{name}: its code is {folder}"
        elif f"\ndef {function}(" not in source.read_text("utf-8"):
            yield f"{name}: {folder}{module}.py has no {function}"
    sections = [app.source["Globals"]["Function"]]
    sections += [row["Properties"] for row in app.source["Resources"].values() if "Properties" in row]
    for section in sections:
        for key in sorted(set(VERSION_PROPERTIES) & set(section)):
            yield f"{key}: an alias would go on with the layers of before (docs/adr/0026)"


def layers_are_built_for_their_functions(app: Application) -> Iterator[str]:
    """For the same processor and Python, by our makefile."""
    wanted = app.source["Globals"]["Function"]
    for name, resource in app.source["Resources"].items():
        if resource["Type"] == "AWS::Serverless::LayerVersion":
            layer = resource["Properties"]
            if layer["CompatibleArchitectures"] != wanted["Architectures"]:
                yield f"{name}: for {layer['CompatibleArchitectures']}"
            if layer["CompatibleRuntimes"] != [wanted["Runtime"]]:
                yield f"{name}: for {layer['CompatibleRuntimes']}"
        if resource["Type"] in ("AWS::Serverless::LayerVersion", "AWS::Serverless::Function"):
            built = {"BuildMethod": "makefile", "ContextPath": "infra/build"}
            built["BuildArchitecture"] = wanted["Architectures"][0]
            if resource.get("Metadata") != built:
                yield f"{name}: is built by {resource.get('Metadata')}"


def uploads_begin_the_work(app: Application) -> Iterator[str]:
    """The bucket tells the queue of every upload, and may; without the policy S3 refuses the notification."""
    told = {
        "Event": "s3:ObjectCreated:*",
        "Queue": {"Fn::GetAtt": ["IngestQueue", "Arn"]},
        "Filter": {"S3Key": {"Rules": [{"Name": "prefix", "Value": f"{UPLOAD_PREFIX}/"}]}},
    }
    (bucket,) = dict(app.of("AWS::S3::Bucket")).values()
    if bucket.get("NotificationConfiguration") != {"QueueConfigurations": [told]}:
        yield f"DocumentsBucket: tells of uploads by {bucket.get('NotificationConfiguration')}"
    yield from _sent_by_s3(app)


def _sent_by_s3(app: Application) -> Iterator[str]:
    policies = [
        (name, statement)
        for name, body in app.of("AWS::SQS::QueuePolicy")
        if body["Queues"] == [{"Ref": "IngestQueue"}]
        for statement in body["PolicyDocument"]["Statement"]
    ]
    wanted = {
        "Effect": "Allow",
        "Principal": {"Service": "s3.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": {"Fn::GetAtt": ["IngestQueue", "Arn"]},
        "Condition": {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}},
    }
    if [statement for _, statement in policies] != [wanted]:
        yield "IngestQueue: S3 may not send, or others may"
    if [name for name, _ in policies] != [app.resources["DocumentsBucket"].get("DependsOn")]:
        yield "DocumentsBucket: is made before S3 may send to IngestQueue"


def work_is_fetched(app: Application) -> Iterator[str]:
    """Event sources are on, fetch as many as the code reads at once, and let nobody wait."""
    for function, queue, properties in app.mappings():
        if app.resolver().value(properties.get("Enabled", True)) is not True:
            yield f"{function}: does not fetch from {queue}"
        if properties.get("MaximumBatchingWindowInSeconds", 0) > LONGEST_WINDOW_SECONDS:
            yield f"{function}: messages wait {properties['MaximumBatchingWindowInSeconds']} s"
        if function == "MapBatch" and properties["BatchSize"] != BATCH_SIZE:
            yield f"MapBatch: fetches {properties['BatchSize']}, the code reads {BATCH_SIZE} at once"
        if queue.endswith("DeadLetters") and properties["BatchSize"] != 1:
            yield f"{queue}: dead letters run alone, not {properties['BatchSize']} together"
    for name, least in LEAST_MEMORY_MB.items():
        if app.functions()[name]["MemorySize"] < least:
            yield f"{name}: {app.functions()[name]['MemorySize']} MB are less than {least}"


def schedules_run(app: Application) -> Iterator[str]:
    """The hourly sweep brings back what was lost; the daily look gives large tenants their index."""
    found = {
        target["Arn"]["Fn::GetAtt"][0]: rate_seconds(rule["ScheduleExpression"])
        for _, rule in app.of("AWS::Events::Rule")
        if rule.get("State", "ENABLED") == "ENABLED"
        for target in rule["Targets"]
    }
    if found != SCHEDULES:
        yield f"schedules: {found}, not {SCHEDULES}"


CHECKS = (
    settings_are_read_as_they_are_named,
    parameters_reach_what_is_named_after_them,
    functions_are_the_code_of_their_name,
    layers_are_built_for_their_functions,
    uploads_begin_the_work,
    work_is_fetched,
    schedules_run,
)
