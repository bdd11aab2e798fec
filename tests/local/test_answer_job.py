"""The application's own state machine, answer_job.asl.json, runs here as it stands."""

import json
import uuid
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.local.rig import Rig, eventually


def start(rig: Rig, job: str, **changes: Any) -> str:
    machine = next(m for m in rig.stack.cloud.deployment.state_machines if m.logical_id == "AnswerJob")
    data = {"tenant_id": "t", "job_id": job, "generation": 1, "next": "dispatch", "map_timeout_seconds": 30}
    text = json.dumps({**data, **changes})
    return rig.states.start_execution(stateMachineArn=machine.arn, name=job, input=text)["executionArn"]


def status(rig: Rig, execution: str) -> str:
    def look() -> str | None:
        found = rig.states.describe_execution(executionArn=execution)["status"]
        return found if found != "RUNNING" else None

    return eventually(look) or "RUNNING"


def tokens(rig: Rig, job: str, count: int = 1) -> list[str]:
    def look() -> list[str]:
        return [row["task_token"] for row in rig.records("tokens") if row["job_id"] == job]

    eventually(lambda: len(look()) == count)
    return look()


def test_a_job_enters_five_states_whatever_its_size(rig: Rig) -> None:
    job = uuid.uuid4().hex
    execution = start(rig, job)
    (token,) = tokens(rig, job)
    rig.states.send_task_success(taskToken=token, output="{}")
    assert status(rig, execution) == "SUCCEEDED"
    entered = rig.stack.cloud.machines.states_entered(execution)
    assert entered == ["PlanJob", "WorkToDo", "DispatchBatches", "ReduceJob", "Ended"]


def test_a_job_that_waits_for_approval_ends_its_execution(rig: Rig) -> None:
    execution = start(rig, uuid.uuid4().hex, next="approval")
    assert status(rig, execution) == "SUCCEEDED"
    assert rig.stack.cloud.machines.states_entered(execution) == ["PlanJob", "WorkToDo", "Ended"]


def test_a_failure_sent_with_a_token_is_retried_under_a_new_one(rig: Rig) -> None:
    job = uuid.uuid4().hex
    execution = start(rig, job)
    (token,) = tokens(rig, job)
    rig.states.send_task_failure(taskToken=token, error="Lambda.Unknown", cause="broken off")
    # The token of an earlier attempt is void, as on AWS.
    with pytest.raises(ClientError, match="TaskTimedOut"):
        rig.states.send_task_success(taskToken=token, output="{}")
    second = tokens(rig, job, count=2)[1]
    rig.states.send_task_success(taskToken=second, output="{}")
    assert status(rig, execution) == "SUCCEEDED"


def test_a_map_phase_past_its_deadline_is_settled(rig: Rig) -> None:
    execution = start(rig, uuid.uuid4().hex, map_timeout_seconds=1)
    assert status(rig, execution) == "SUCCEEDED"
    entered = rig.stack.cloud.machines.states_entered(execution)
    assert entered == ["PlanJob", "WorkToDo", "DispatchBatches", "SettleJob", "Ended"]


def test_a_crash_of_dispatch_gives_a_new_token_and_voids_the_first(rig: Rig) -> None:
    job = f"crash-{uuid.uuid4().hex}"
    execution = start(rig, job)
    first, second = tokens(rig, job, count=2)
    with pytest.raises(ClientError, match="TaskTimedOut"):
        rig.states.send_task_success(taskToken=first, output="{}")
    rig.states.send_task_success(taskToken=second, output="{}")
    assert status(rig, execution) == "SUCCEEDED"
    assert len(rig.stack.cloud.machines.states_entered(execution)) == 5
