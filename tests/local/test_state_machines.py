"""The state machine's own definition runs, and tokens are as strict as on AWS."""

import json
import uuid
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.local.rig import Rig, eventually


def start(rig: Rig, name: str = "", **data: Any) -> str:
    machine = next(m for m in rig.stack.cloud.deployment.state_machines if m.logical_id == "Machine")
    name = name or uuid.uuid4().hex
    return rig.states.start_execution(stateMachineArn=machine.arn, name=name, input=json.dumps(data))[
        "executionArn"
    ]


def ended(rig: Rig, execution: str) -> dict[str, Any]:
    def look() -> dict[str, Any] | None:
        described: Any = rig.states.describe_execution(executionArn=execution)
        return described if described["status"] != "RUNNING" else None

    found = eventually(look)
    assert found is not None
    return found


def token_of(rig: Rig, known: set[str]) -> str:
    def look() -> str | None:
        return next(
            (r["token"] for r in rig.records("probe") if "token" in r and r["token"] not in known), None
        )

    token = eventually(look)
    assert token is not None
    return token


def tokens(rig: Rig) -> set[str]:
    return {row["token"] for row in rig.records("probe") if "token" in row}


def code(error: pytest.ExceptionInfo[ClientError]) -> str:
    return str(error.value.response["Error"]["Code"])


def test_a_task_calls_the_function_with_the_input(rig: Rig) -> None:
    execution = start(rig, mode="call", word="hello")
    assert json.loads(ended(rig, execution)["output"])["word"] == "hello"
    assert rig.stack.cloud.machines.states_entered(execution) == ["Choose", "Call", "Done"]


def test_a_task_with_a_token_waits_for_its_answer(rig: Rig) -> None:
    known = tokens(rig)
    execution = start(rig, mode="wait", seconds=30)
    token = token_of(rig, known)
    assert rig.states.describe_execution(executionArn=execution)["status"] == "RUNNING"
    rig.states.send_task_success(taskToken=token, output="{}")
    assert ended(rig, execution)["status"] == "SUCCEEDED"


def test_a_token_is_good_for_one_answer(rig: Rig) -> None:
    known = tokens(rig)
    execution = start(rig, mode="wait", seconds=30)
    token = token_of(rig, known)
    rig.states.send_task_success(taskToken=token, output="{}")
    for _ in range(2):
        with pytest.raises(ClientError) as refused:
            rig.states.send_task_success(taskToken=token, output="{}")
        assert code(refused) == "TaskTimedOut"
    with pytest.raises(ClientError) as refused:
        rig.states.send_task_failure(taskToken=token)
    assert code(refused) == "TaskTimedOut"
    ended(rig, execution)


def test_an_unknown_token_is_invalid(rig: Rig) -> None:
    with pytest.raises(ClientError) as refused:
        rig.states.send_task_success(taskToken="never given out", output="{}")
    assert code(refused) == "InvalidToken"


def test_a_failed_task_is_caught_with_error_and_cause(rig: Rig) -> None:
    known = tokens(rig)
    execution = start(rig, mode="wait", seconds=30)
    rig.states.send_task_failure(taskToken=token_of(rig, known), error="Cancelled", cause="by the user")
    output = json.loads(ended(rig, execution)["output"])
    assert output["failure"] == {"Error": "Cancelled", "Cause": "by the user"}
    assert output["mode"] == "wait"


def test_a_token_ends_with_its_time_out(rig: Rig) -> None:
    known = tokens(rig)
    execution = start(rig, mode="wait", seconds=1)
    token = token_of(rig, known)
    assert json.loads(ended(rig, execution)["output"])["failure"]["Error"] == "States.Timeout"
    with pytest.raises(ClientError) as refused:
        rig.states.send_task_success(taskToken=token, output="{}")
    assert code(refused) == "TaskTimedOut"


def test_a_retried_task_enters_its_state_once(rig: Rig) -> None:
    mark = uuid.uuid4().hex
    execution = start(rig, mode="call", action="raise", kind="Flaky", mark=mark)
    output = json.loads(ended(rig, execution)["output"])
    assert output["failure"]["Error"] == "Flaky"
    assert len([row for row in rig.records("raised") if row.get("mark") == mark]) == 2
    assert rig.stack.cloud.machines.states_entered(execution) == ["Choose", "Call", "Caught"]


def test_the_same_name_and_input_is_the_same_execution_while_it_runs(rig: Rig) -> None:
    known = tokens(rig)
    name = uuid.uuid4().hex
    first = start(rig, name, mode="wait", seconds=30)
    assert start(rig, name, mode="wait", seconds=30) == first
    with pytest.raises(ClientError) as refused:
        start(rig, name, mode="wait", seconds=31)
    assert code(refused) == "ExecutionAlreadyExists"
    rig.states.send_task_success(taskToken=token_of(rig, known), output="{}")
    ended(rig, first)
    with pytest.raises(ClientError) as refused:
        start(rig, name, mode="wait", seconds=30)
    assert code(refused) == "ExecutionAlreadyExists"


def test_a_stopped_execution_closes_its_token(rig: Rig) -> None:
    known = tokens(rig)
    execution = start(rig, mode="wait", seconds=30)
    token = token_of(rig, known)
    rig.states.stop_execution(executionArn=execution)
    assert ended(rig, execution)["status"] == "ABORTED"
    with pytest.raises(ClientError) as refused:
        rig.states.send_task_success(taskToken=token, output="{}")
    assert code(refused) == "TaskTimedOut"


def test_an_output_that_is_no_json_is_refused(rig: Rig) -> None:
    with pytest.raises(ClientError) as refused:
        rig.states.send_task_success(taskToken="any", output="{")
    assert code(refused) == "InvalidOutput"
