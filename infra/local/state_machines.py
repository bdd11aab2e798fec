"""Step Functions: moto executes the real definition; this leads it to our functions, as strict as AWS."""

from __future__ import annotations

import io
import json
import threading
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import ClientError
from moto.stepfunctions.parser.api import ExecutionStatus, InvalidToken, TaskDoesNotExist, TaskTimedOut
from moto.stepfunctions.parser.asl.component.state.exec.state_task import lambda_eval_utils
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service import state_task_service_callback
from moto.stepfunctions.parser.models import stepfunctions_parser_backends

from infra.local.deployment import ACCOUNT, REGION, StateMachine
from infra.local.function_processes import FunctionProcesses, PayloadTooLargeError, UnknownFunctionError
from infra.local.loopback_server import Request, Response
from infra.local.moto_app import MotoApp

ANSWERS = {"SendTaskSuccess", "SendTaskFailure"}
OUTPUT_LIMIT = 262_144
JSON_TYPE = ("Content-Type", "application/x-amz-json-1.0")


StateTaskServiceCallback = state_task_service_callback.StateTaskServiceCallback
_handle_retry = StateTaskServiceCallback._handle_retry


def _handle_retry_with_new_token(state: Any, env: Any, failure_event: Any) -> Any:
    """moto gives every attempt of a task the same token; on AWS the token of a failed attempt is void."""
    if "Task" in env.states.context_object.context_object_data:
        env.callback_pool_manager.add(env.states.context_object.update_task_token())
    return _handle_retry(state, env, failure_event)


class _LambdaClient:
    """The part of boto3's Lambda client that moto's interpreter calls, without the way over HTTP."""

    def __init__(self, functions: FunctionProcesses) -> None:
        self._functions = functions

    def invoke(self, FunctionName: str, Payload: bytes = b"{}", **_: Any) -> dict[str, Any]:  # noqa: N803
        try:
            outcome = self._functions.invoke(FunctionName, Payload)
        except UnknownFunctionError as error:
            raise _client_error("ResourceNotFoundException", 404, str(error)) from error
        except PayloadTooLargeError as error:
            raise _client_error("RequestTooLargeException", 413, str(error)) from error
        except Exception as error:
            raise _client_error("TooManyRequestsException", 429, str(error)) from error
        answer = {
            "StatusCode": 200,
            "ExecutedVersion": "$LATEST",
            "Payload": io.BytesIO(outcome.payload or b"null"),
        }
        return answer | ({"FunctionError": outcome.function_error} if outcome.function_error else {})


def _client_error(code: str, status: int, message: str) -> ClientError:
    metadata: Any = {"HTTPStatusCode": status, "RequestId": "local"}
    return ClientError({"Error": {"Code": code, "Message": message}, "ResponseMetadata": metadata}, "Invoke")


class StateMachines:
    """The state machines of the deployment, executed in this process."""

    def __init__(self, moto: MotoApp, functions: FunctionProcesses) -> None:
        self._moto = moto
        self._lock = threading.Lock()
        self._answered: set[str] = set()
        self._backend = stepfunctions_parser_backends[ACCOUNT][REGION]
        client = _LambdaClient(functions)
        # moto's seam for calls of other services; over HTTP it would make a new client for each state.
        lambda_eval_utils.boto_client_for = lambda **_: client
        StateTaskServiceCallback._handle_retry = _handle_retry_with_new_token

    def create(self, machine: StateMachine) -> None:
        """Makes the machine known under its ARN; raises moto's InvalidDefinition for a wrong one."""
        created = self._backend.create_state_machine(
            name=machine.name,
            definition=machine.definition,
            roleArn=f"arn:aws:iam::{ACCOUNT}:role/census-local",
            tags=[],
            sm_type="STANDARD",
        )
        assert created.arn == machine.arn, f"{created.arn} is not {machine.arn}"

    def answer(self, request: Request, action: str) -> Response:
        """Serves a Step Functions request; a token is good for one answer, as on AWS."""
        if action == "StartExecution":
            with self._lock:
                return self._moto.forward(request)
        if action == "StopExecution":
            return self._stop_execution(request)
        if action in ANSWERS:
            return self._answer_task(json.loads(request.body.read()), succeeded=action == "SendTaskSuccess")
        return self._moto.forward(request)

    def _answer_task(self, body: dict[str, Any], *, succeeded: bool) -> Response:
        token = str(body.get("taskToken", ""))
        if succeeded and not _is_output(body.get("output")):
            return _error("InvalidOutput", "Invalid Output: the output must be JSON of at most 262144 bytes")
        with self._lock:
            if token in self._answered or self._is_over(token):
                return _error("TaskTimedOut", "Task Timed Out: 'Provided task does not exist anymore'")
            try:
                # Past moto's HTTP layer, which loses the cause of a failure.
                if succeeded:
                    self._backend.send_task_success(token, body["output"])
                else:
                    self._backend.send_task_failure(token, body.get("error"), body.get("cause"))
            except InvalidToken:
                return _error("InvalidToken", "Invalid Token: 'Invalid token'")
            except (TaskTimedOut, TaskDoesNotExist):
                return _error("TaskTimedOut", "Task Timed Out: 'Provided task does not exist anymore'")
            self._answered.add(token)
        return Response(200, b"{}", [JSON_TYPE])

    def _stop_execution(self, request: Request) -> Response:
        """moto ends a stopped execution only when its task does; AWS at once."""
        data = request.body.read()
        body = json.loads(data)
        with self._lock:
            response = self._moto.forward(_with_body(request, data))
            for execution in self._executions():
                if execution.execution_arn == body.get("executionArn") and execution.status == "RUNNING":
                    execution.exec_status = ExecutionStatus.ABORTED
                    execution.stop_date = datetime.now(UTC)
                    execution.error, execution.cause = body.get("error"), body.get("cause")
        return response

    def _is_over(self, token: str) -> bool:
        """Whether the token was given out once, but its task no longer waits."""
        for execution in self._executions():
            environment = execution.exec_worker.env
            if environment is None or environment.callback_pool_manager.get(token) is None:
                continue
            task = environment.states.context_object.context_object_data.get("Task") or {}
            return execution.status != "RUNNING" or task.get("Token") != token
        return False

    def _executions(self) -> list[Any]:
        return [execution for machine in self._backend.state_machines for execution in machine.executions]

    def executions(self) -> list[str]:
        """ARNs of all executions since the stack was started, oldest first."""
        return [execution.execution_arn for execution in self._executions()]

    def states_entered(self, execution_arn: str) -> list[str]:
        """Names of the states an execution entered, in order; a retry of a task enters no state."""
        history = self._backend.get_execution_history(execution_arn)["events"]
        details = (event.get("stateEnteredEventDetails") for event in history)
        return [str(detail["name"]) for detail in details if detail]

    def stop(self) -> None:
        """Ends the executions that still wait."""
        for execution in self._executions():
            if execution.status == "RUNNING" and execution.exec_worker.env is not None:
                execution.stop(stop_date=execution.start_date, error="Stopped", cause="the local stack ends")


def _is_output(text: object) -> bool:
    """Whether a task's output is one that Step Functions takes."""
    if not isinstance(text, str) or len(text.encode()) > OUTPUT_LIMIT:
        return False
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


def _with_body(request: Request, data: bytes) -> Request:
    body: Any = io.BytesIO(data)
    return Request(request.method, request.target, request.headers, body, len(data), request.client)


def _error(kind: str, message: str) -> Response:
    body = json.dumps({"__type": kind, "message": message}).encode()
    return Response(400, body, [JSON_TYPE, ("x-amzn-ErrorType", kind)])
