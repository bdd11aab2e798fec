"""What the steps of the state machine are given, what they keep, and which errors mean what."""

from __future__ import annotations

from collections.abc import Iterator

from census.application.dispatch_batches import SUPERSEDED
from census.application.fold_findings import ReduceUnfinishedError
from census.application.plan_job import Planned, planned_to_json
from census.ports.language_model import ModelBusyError
from infra.gates.application import Application
from infra.local.template import Json

ALL = "States.ALL"
NAMED_ERRORS = {
    "PlanJob": {ModelBusyError.__name__},
    "DispatchBatches": {"States.Timeout", SUPERSEDED},
    "ReduceJob": {ReduceUnfinishedError.__name__, ModelBusyError.__name__},
}
"""Errors that a step treats otherwise than a breakdown; the classes' own names are what Lambda reports."""
GOES_ON = {ReduceUnfinishedError.__name__, ModelBusyError.__name__}
NEVER_AGAIN = {"States.Timeout", SUPERSEDED}
LEAST_TRIES_TO_GO_ON = 50
FAN_OUT = "DispatchBatches"
FAN_OUT_GIVEN = {
    **{f"{key}.$": f"$.{key}" for key in ("tenant_id", "job_id", "generation")},
    "task_token.$": "$$.Task.Token",
}
"""Ids only, and the token, which stands nowhere else."""


def _tasks(app: Application) -> Iterator[tuple[str, Json]]:
    for name, state in app.machine["States"].items():
        if state["Type"] == "Task":
            yield name, state


def errors_are_told_apart(app: Application) -> Iterator[str]:
    """Named errors are those the code raises, each tried as it deserves; States.ALL stands alone and last."""
    for name, state in _tasks(app):
        for rows in (state.get("Retry", []), state.get("Catch", [])):
            general = [row["ErrorEquals"] == [ALL] for row in rows]
            if general != [False] * (len(rows) - 1) + [True]:
                yield f"{name}: {ALL} does not stand alone and last"
            if any(ALL in row["ErrorEquals"] for row in rows[:-1]):
                yield f"{name}: {ALL} hides what stands behind it"
        tries = {
            e: row["MaxAttempts"] for row in state.get("Retry", []) for e in row["ErrorEquals"] if e != ALL
        }
        if tries.keys() != NAMED_ERRORS.get(name, set()):
            yield f"{name}: tells {sorted(tries)} apart, the code {sorted(NAMED_ERRORS.get(name, set()))}"
        for error, attempts in tries.items():
            if (error in NEVER_AGAIN and attempts) or (error in GOES_ON and attempts < LEAST_TRIES_TO_GO_ON):
                yield f"{name}: {error} is tried {attempts} times more"


def failures_are_settled(app: Application) -> Iterator[str]:
    """Any error leads to SettleJob with the job's ids still there; one that was overtaken just ends."""
    for name, state in _tasks(app):
        for row in state.get("Catch", []):
            wanted = "Ended" if SUPERSEDED in row["ErrorEquals"] else "SettleJob"
            wanted = "Unsettled" if name == "SettleJob" else wanted
            if row["Next"] != wanted:
                yield f"{name}: {row['ErrorEquals']} lead to {row['Next']}, not to {wanted}"
            if not str(row.get("ResultPath", "$")).startswith("$."):
                yield f"{name}: {row['ErrorEquals']} overwrite the job's ids"


def steps_get_and_keep_the_jobs_data(app: Application) -> Iterator[str]:
    """Each gets the execution's data; only PlanJob changes them: it returns them with what is next."""
    for name, state in _tasks(app):
        given = state["Parameters"].get("Payload.$") or state["Parameters"].get("Payload")
        if given != (FAN_OUT_GIVEN if name == FAN_OUT else "$"):
            yield f"{name}: is given {given}"
        kept = {
            key: state[key]
            for key in ("ResultPath", "OutputPath", "ResultSelector", "InputPath")
            if key in state
        }
        if kept != ({"OutputPath": "$.Payload"} if name == "PlanJob" else {"ResultPath": None}):
            yield f"{name}: goes on with {kept}"


def the_fan_out_waits_for_its_token(app: Application) -> Iterator[str]:
    """One step, and no other, ends when its token is answered."""
    for name, state in _tasks(app):
        suffix = ".waitForTaskToken" if name == FAN_OUT else ""
        if state["Resource"] != f"arn:aws:states:::lambda:invoke{suffix}":
            yield f"{name}: is {state['Resource']}"


def the_plan_decides_what_is_next(app: Application) -> Iterator[str]:
    """The choice looks at what plan_job says, in its words; in JSONPath, which moto knows too."""
    said = planned_to_json(Planned("dispatch", 1), {})
    choice = app.machine["States"]["WorkToDo"]
    wanted = [{"Variable": "$.next", "StringEquals": said["next"], "Next": FAN_OUT}]
    if choice.get("Choices") != wanted or choice.get("Default") != "Ended":
        yield f"WorkToDo: {choice.get('Choices')}, else {choice.get('Default')}"
    if app.machine["States"][FAN_OUT].get("TimeoutSecondsPath", "")[2:] not in said:
        yield f"{FAN_OUT}: plan_job does not say how long it may take"
    if app.machine.get("QueryLanguage", "JSONPath") != "JSONPath":
        yield f"the state machine is written in {app.machine['QueryLanguage']}"


CHECKS = (
    errors_are_told_apart,
    failures_are_settled,
    steps_get_and_keep_the_jobs_data,
    the_fan_out_waits_for_its_token,
    the_plan_decides_what_is_next,
)
