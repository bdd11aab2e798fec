"""Step Functions behind the workflow's port."""

import json
import uuid

from botocore.exceptions import ClientError

from census.adapters.aws_clients import aws_client, error_code, translated_errors
from census.domain.identity import execution_name
from census.domain.plan import JsonObject
from census.ports.workflow import ExecutionState, SignalResult, StartedExecution

_CLOSED = {"TaskTimedOut", "InvalidToken", "TaskDoesNotExist"}


class StepFunctionsWorkflow:
    """The state machine answer_job. Implements census.ports.workflow.Workflow."""

    def __init__(self, state_machine_arn: str | None) -> None:
        self._state_machine_arn = state_machine_arn

    def start(self, tenant_id: uuid.UUID, job_id: uuid.UUID, generation: int) -> StartedExecution:
        """See the port."""
        name = execution_name(job_id, generation)
        event = {"tenant_id": str(tenant_id), "job_id": str(job_id), "generation": generation}
        with translated_errors("Starting the job's execution"):
            try:
                answer = aws_client("stepfunctions").start_execution(
                    stateMachineArn=self._state_machine_arn, name=name, input=json.dumps(event)
                )
            except ClientError as error:
                if error_code(error) != "ExecutionAlreadyExists":
                    raise
                return StartedExecution(self._execution_arn(name))
        return StartedExecution(str(answer["executionArn"]))

    def _execution_arn(self, name: str) -> str:
        return f"{str(self._state_machine_arn).replace(':stateMachine:', ':execution:')}:{name}"

    def state(self, execution_arn: str) -> ExecutionState:
        """See the port."""
        with translated_errors("Looking at the job's execution"):
            try:
                answer = aws_client("stepfunctions").describe_execution(executionArn=execution_arn)
            except ClientError as error:
                if error_code(error) != "ExecutionDoesNotExist":
                    raise
                return ExecutionState.UNKNOWN
        return ExecutionState.RUNNING if answer["status"] == "RUNNING" else ExecutionState.ENDED

    def stop(self, execution_arn: str, cause: str) -> None:
        """See the port."""
        with translated_errors("Stopping the job's execution"):
            try:
                aws_client("stepfunctions").stop_execution(executionArn=execution_arn, cause=cause)
            except ClientError as error:
                if error_code(error) != "ExecutionDoesNotExist":
                    raise

    def signal_success(self, task_token: str, output: JsonObject) -> SignalResult:
        """See the port."""
        return _signal("send_task_success", taskToken=task_token, output=json.dumps(output))

    def signal_failure(self, task_token: str, error: str, cause: str) -> SignalResult:
        """See the port."""
        return _signal("send_task_failure", taskToken=task_token, error=error, cause=cause)


def _signal(call: str, **arguments: str) -> SignalResult:
    with translated_errors("Signalling the job's execution"):
        try:
            getattr(aws_client("stepfunctions"), call)(**arguments)
        except ClientError as error:
            if error_code(error) not in _CLOSED:
                raise
            return SignalResult.CLOSED
    return SignalResult.SENT
