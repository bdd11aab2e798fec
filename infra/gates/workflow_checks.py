"""The state machine, which `sam validate --lint` does not look into."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from infra.gates.application import STATE_MACHINE, Application
from infra.local.template import Json


def every_state_is_reached(app: Application) -> Iterator[str]:
    """Every Next names a state, and every state is entered from StartAt."""
    states: Json = app.machine["States"]
    reached, to_visit = set(), [app.machine.get("StartAt", "")]
    while to_visit:
        name = to_visit.pop()
        if name not in states:
            yield f"the state machine goes on to {name!r}, which is no state"
        elif name not in reached:
            reached.add(name)
            to_visit += _followers(states[name])
    for name in sorted(set(states) - reached):
        yield f"{name}: no state leads there"


def _followers(state: Json) -> list[str]:
    rows = [state, *state.get("Choices", []), *state.get("Catch", [])]
    return [row[key] for row in rows for key in ("Next", "Default") if key in row]


def every_state_ends_or_goes_on(app: Application) -> Iterator[str]:
    """A state has a Next, is a Choice with a Default, or ends the execution."""
    for name, state in app.machine["States"].items():
        ends = state["Type"] in ("Succeed", "Fail") or state.get("End") is True
        if not ends and "Next" not in state and "Default" not in state:
            yield f"{name}: neither Next nor End"


def every_task_expects_trouble(app: Application) -> Iterator[str]:
    """Each Task has a time-out, retries with a limit, and somewhere to go on any error."""
    for name, state in app.machine["States"].items():
        if state["Type"] != "Task":
            continue
        if not {"TimeoutSeconds", "TimeoutSecondsPath"} & set(state):
            yield f"{name}: no time-out, so it may wait three years"
        if not state.get("Retry") or not all("MaxAttempts" in row for row in state["Retry"]):
            yield f"{name}: no Retry with MaxAttempts"
        if not any("States.ALL" in row["ErrorEquals"] for row in state.get("Catch", [])):
            yield f"{name}: no Catch of States.ALL"


def placeholders_match(app: Application) -> Iterator[str]:
    """`${…}` of the document are exactly the DefinitionSubstitutions, and each leads to its own function."""
    (properties,) = (
        body for name, body in app.of("AWS::StepFunctions::StateMachine") if name == STATE_MACHINE
    )
    given = properties["DefinitionSubstitutions"]
    wanted = set(re.findall(r"\$\{(\w+)\}", json.dumps(app.machine)))
    for name in sorted(wanted ^ set(given)):
        yield f"{name}: {'not substituted' if name in wanted else 'not in the state machine'}"
    for name, value in given.items():
        if value != {"Fn::GetAtt": [name.removesuffix("Arn"), "Arn"]}:
            yield f"{name}: leads to {value}"


def executions_are_logged_without_data(app: Application) -> Iterator[str]:
    """A task's input holds its token: it is logged nowhere; errors and traces are."""
    for name, properties in app.of("AWS::StepFunctions::StateMachine"):
        logging = properties.get("LoggingConfiguration", {})
        if logging.get("IncludeExecutionData") is not False:
            yield f"{name}: IncludeExecutionData is not false"
        if logging.get("Level") != "ERROR" or not logging.get("Destinations"):
            yield f"{name}: errors are not logged"
        if properties.get("TracingConfiguration") != {"Enabled": True}:
            yield f"{name}: no tracing"


CHECKS = (
    every_state_is_reached,
    every_state_ends_or_goes_on,
    every_task_expects_trouble,
    placeholders_match,
    executions_are_logged_without_data,
)
