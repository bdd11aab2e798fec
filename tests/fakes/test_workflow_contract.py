"""What every workflow promises, held against the fake and against the local stack's Step Functions."""

import json
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest

from census.adapters.aws_clients import aws_client
from census.adapters.step_functions_workflow import StepFunctionsWorkflow
from census.domain.errors import UnavailableError
from census.ports.workflow import ExecutionState, SignalResult, Workflow
from infra.local.deployment import ACCESS_KEY, REGION, SECRET_KEY
from tests.fakes.memory_workflow import MemoryWorkflow
from tests.local.rig import Rig, eventually, start_rig

TENANT = uuid.uuid4()


@dataclass(frozen=True)
class WorkflowUnderTest:
    """A workflow, the token an execution of a job waits with, and the same workflow out of reach."""

    workflow: Workflow
    token: Callable[[uuid.UUID, str], str]
    unreachable: Callable[[], Workflow]

    def waiting(self) -> tuple[str, str]:
        """An execution that waits, and its token."""
        job_id = uuid.uuid4()
        arn = self.workflow.start(TENANT, job_id, 1).arn
        return arn, self.token(job_id, arn)


@pytest.fixture(scope="module")
def rig(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rig]:
    folder = tmp_path_factory.mktemp("stack")
    rig = start_rig(folder / "data", folder / "records")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ENDPOINT_URL", rig.stack.cloud.endpoint_url)
        patch.setenv("AWS_DEFAULT_REGION", REGION)
        patch.setenv("AWS_ACCESS_KEY_ID", ACCESS_KEY)
        patch.setenv("AWS_SECRET_ACCESS_KEY", SECRET_KEY)
        aws_client.cache_clear()
        yield rig
        aws_client.cache_clear()
    rig.stack.stop()


@pytest.fixture(scope="module")
def machine(rig: Rig) -> str:
    """A state machine of one state, which waits for its token."""
    (probe,) = [f for f in rig.functions.list_functions()["Functions"] if "Probe" in f["FunctionName"]]
    payload = {"job_id.$": "$.job_id", "task_token.$": "$$.Task.Token"}
    wait = {
        "Type": "Task",
        "Resource": "arn:aws:states:::lambda:invoke.waitForTaskToken",
        "Parameters": {"FunctionName": probe["FunctionArn"], "Payload": payload},
        "TimeoutSeconds": 60,
        "End": True,
    }
    definition = json.dumps({"StartAt": "Wait", "States": {"Wait": wait}})
    role = "arn:aws:iam::123456789012:role/states"
    created = rig.states.create_state_machine(name="contract", definition=definition, roleArn=role)
    return created["stateMachineArn"]


@pytest.fixture(params=["in memory", "over HTTP"])
def under_test(request: pytest.FixtureRequest) -> WorkflowUnderTest:
    if request.param == "in memory":
        memory = MemoryWorkflow()
        return WorkflowUnderTest(
            memory, lambda _, arn: memory.wait_with_token(arn), lambda: MemoryWorkflow(down=True)
        )
    rig: Rig = request.getfixturevalue("rig")
    workflow = StepFunctionsWorkflow(request.getfixturevalue("machine"))

    def token(job_id: uuid.UUID, _arn: str) -> str:
        def look() -> list[str]:
            return [row["task_token"] for row in rig.records("tokens") if row["job_id"] == str(job_id)]

        return eventually(look)[-1]

    return WorkflowUnderTest(workflow, token, lambda: StepFunctionsWorkflow("arn:no:such:machine"))


def test_starting_twice_starts_once(under_test: WorkflowUnderTest) -> None:
    job_id = uuid.uuid4()
    first = under_test.workflow.start(TENANT, job_id, 1)
    assert under_test.workflow.start(TENANT, job_id, 1) == first
    assert under_test.workflow.state(first.arn) is ExecutionState.RUNNING


def test_another_generation_is_another_execution(under_test: WorkflowUnderTest) -> None:
    job_id = uuid.uuid4()
    first, second = (under_test.workflow.start(TENANT, job_id, generation) for generation in (1, 2))
    assert first.arn != second.arn


def test_an_execution_that_never_was_is_unknown(under_test: WorkflowUnderTest) -> None:
    arn = under_test.workflow.start(TENANT, uuid.uuid4(), 1).arn
    assert under_test.workflow.state(f"{arn}0") is ExecutionState.UNKNOWN


def test_a_token_is_answered_once(under_test: WorkflowUnderTest) -> None:
    _, token = under_test.waiting()
    assert under_test.workflow.signal_success(token, {"job_id": "j"}) is SignalResult.SENT
    assert under_test.workflow.signal_success(token, {"job_id": "j"}) is SignalResult.CLOSED


def test_a_failure_is_an_answer_too(under_test: WorkflowUnderTest) -> None:
    _, token = under_test.waiting()
    assert under_test.workflow.signal_failure(token, "Census.Superseded", "why") is SignalResult.SENT
    assert under_test.workflow.signal_success(token, {}) is SignalResult.CLOSED


def test_a_stopped_execution_has_ended_and_its_token_is_closed(under_test: WorkflowUnderTest) -> None:
    arn, token = under_test.waiting()
    under_test.workflow.stop(arn, "cancelled")
    assert under_test.workflow.state(arn) is ExecutionState.ENDED
    assert under_test.workflow.signal_success(token, {}) is SignalResult.CLOSED


def test_stopping_what_ended_or_never_was_is_no_error(under_test: WorkflowUnderTest) -> None:
    arn, _ = under_test.waiting()
    under_test.workflow.stop(arn, "cancelled")
    under_test.workflow.stop(arn, "again")
    under_test.workflow.stop(f"{arn}0", "never was")
    assert under_test.workflow.state(arn) is ExecutionState.ENDED


def test_a_token_nobody_gave_out_is_closed(under_test: WorkflowUnderTest) -> None:
    assert under_test.workflow.signal_success("no token of ours", {}) is SignalResult.CLOSED


def test_a_workflow_out_of_reach_says_so(under_test: WorkflowUnderTest) -> None:
    with pytest.raises(UnavailableError):
        under_test.unreachable().start(TENANT, uuid.uuid4(), 1)
