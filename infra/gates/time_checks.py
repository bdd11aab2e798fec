"""Time-outs add up. Each check yields what is wrong, with the numbers."""

from __future__ import annotations

from collections.abc import Iterator

from census.domain.deployment import RECORD_SECONDS
from census.ports.time_left import SECONDS_TO_ANSWER
from infra.gates.application import Application
from infra.local.template import Json

MODEL_ROUNDS = 2
"""Model calls in a row within one invocation: the reading, and once more for what was missing or unproven."""
ROUND_PAUSE_SECONDS = 2
CALLS_MODEL = ("ServeApi", "PlanJob", "MapBatch", "ReduceJob")
ONE_ROUND = ("ServeApi",)
"""Its calls share one deadline; one call at its time-out must leave the time to write what came of it."""
VISIBILITY_FACTOR = 6
FOURTEEN_DAYS = 1_209_600
GRACE_SECONDS = 3600
API_GATEWAY_SECONDS = 30
CUSTOM_RESOURCE_SECONDS = 3600


def model_calls_fit_their_function(app: Application) -> Iterator[str]:
    """Model time-out × attempts + back-off + time to record < function time-out."""
    for name in CALLS_MODEL:
        properties = app.functions()[name]
        call = app.number(properties["Environment"]["Variables"]["MODEL_TIMEOUT_SECONDS"])
        rounds = 1 if name in ONE_ROUND else MODEL_ROUNDS
        needed = call * rounds + ROUND_PAUSE_SECONDS * (rounds - 1)
        needed += SECONDS_TO_ANSWER if name in ONE_ROUND else RECORD_SECONDS
        limit = app.number(properties.get("Timeout", 3))
        if needed >= limit:
            yield f"{name}: {rounds} model calls take up to {needed:g} s, its Timeout is {limit:g} s"


def queues_wait_for_their_function(app: Application) -> Iterator[str]:
    """A message comes back only after six time-outs of the function that reads it."""
    queues = dict(app.of("AWS::SQS::Queue"))
    for function, queue, _ in app.mappings():
        visible = app.number(queues[queue].get("VisibilityTimeout", 30))
        limit = app.number(app.functions()[function].get("Timeout", 3))
        if visible < VISIBILITY_FACTOR * limit:
            yield f"{queue}: {visible:g} s are less than {VISIBILITY_FACTOR} × {limit:g} s of {function}"


def nothing_relies_on_default_times(app: Application) -> Iterator[str]:
    """Functions and queues state their times; queues keep messages for 14 days."""
    for name, properties in app.functions().items():
        if "Timeout" not in properties:
            yield f"{name}: no Timeout"
    for name, properties in app.of("AWS::SQS::Queue"):
        if "VisibilityTimeout" not in properties:
            yield f"{name}: no VisibilityTimeout"
        if app.number(properties.get("MessageRetentionPeriod", 0)) != FOURTEEN_DAYS:
            yield f"{name}: MessageRetentionPeriod is not 14 days"


def tasks_wait_for_their_function(app: Application) -> Iterator[str]:
    """A state's time-out is longer than the function's own."""
    for name, state in app.machine["States"].items():
        if state["Type"] == "Task" and "TimeoutSeconds" in state:
            limit = app.number(app.functions()[name]["Timeout"])
            waits = state["TimeoutSeconds"]
            if waits <= limit:
                yield f"{name}: the state ends after {waits} s, its function after {limit:g} s"


def the_machine_outlasts_every_job(app: Application) -> Iterator[str]:
    """The longest deadline and an hour, and all other states at their slowest."""
    longest = float(app.translated["Parameters"]["JobDeadlineSeconds"]["MaxValue"])
    others = sum(map(_slowest, app.machine["States"].values()))
    needed = longest + GRACE_SECONDS + others
    limit = app.machine.get("TimeoutSeconds", 0)
    if limit < needed:
        yield f"the machine ends after {limit} s; a job may take {needed:g} s"
    path = app.machine["States"]["DispatchBatches"].get("TimeoutSecondsPath")
    if path != "$.map_timeout_seconds":
        yield "DispatchBatches does not wait for the job's own deadline and an hour ($.map_timeout_seconds)"


def _slowest(state: Json) -> float:
    """Every attempt at its time-out. Retries of named errors go on with a job's work, within its deadline."""
    if "TimeoutSeconds" not in state:
        return 0.0
    (general,) = (row for row in state["Retry"] if row["ErrorEquals"] == ["States.ALL"])
    attempts = int(general["MaxAttempts"])
    pauses = sum(float(general["IntervalSeconds"]) * general["BackoffRate"] ** n for n in range(attempts))
    return float(state["TimeoutSeconds"] * (attempts + 1) + pauses)


def the_api_answers_in_time(app: Application) -> Iterator[str]:
    """API Gateway gives up after 30 s."""
    limit = app.number(app.functions()["ServeApi"].get("Timeout", 3))
    if limit >= API_GATEWAY_SECONDS:
        yield f"ServeApi: Timeout {limit:g} s, but API Gateway waits {API_GATEWAY_SECONDS} s"


def the_migration_is_waited_for(app: Application) -> Iterator[str]:
    """CloudFormation waits longer than the function runs, which answers before its time is over."""
    for name, properties in app.of("Custom::Schema"):
        limit = app.number(app.functions()["MigrateDatabase"]["Timeout"])
        waits = app.number(properties.get("ServiceTimeout", CUSTOM_RESOURCE_SECONDS * 2))
        if not limit < waits <= CUSTOM_RESOURCE_SECONDS:
            yield f"{name}: ServiceTimeout {waits:g} s, MigrateDatabase runs up to {limit:g} s"


CHECKS = (
    model_calls_fit_their_function,
    queues_wait_for_their_function,
    nothing_relies_on_default_times,
    tasks_wait_for_their_function,
    the_machine_outlasts_every_job,
    the_api_answers_in_time,
    the_migration_is_waited_for,
)
