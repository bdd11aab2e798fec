"""Lambda's Invoke call over HTTP, as boto3 makes it."""

from __future__ import annotations

import json
import sys
import threading
import uuid
from urllib.parse import unquote

from infra.local.function_processes import (
    FunctionBusyError,
    FunctionProcesses,
    PayloadTooLargeError,
    UnknownFunctionError,
)
from infra.local.loopback_server import Request, Response

PREFIX = "/2015-03-31/functions/"
JSON_TYPE = ("Content-Type", "application/json")


def is_invocation(request: Request) -> bool:
    """Whether the request is `POST /2015-03-31/functions/{name or ARN}/invocations`."""
    path = request.path
    return request.method == "POST" and path.startswith(PREFIX) and path.endswith("/invocations")


class LambdaApi:
    """Answers Invoke: RequestResponse waits for the result, Event does not, DryRun only looks."""

    def __init__(self, functions: FunctionProcesses) -> None:
        self._functions = functions

    def answer(self, request: Request) -> Response:
        function = unquote(request.path.removeprefix(PREFIX).removesuffix("/invocations"))
        event = request.body.read() or b"{}"
        kind = request.headers.get("X-Amz-Invocation-Type", "RequestResponse")
        try:
            self._functions.settings(function)
            if kind == "DryRun":
                return Response(204)
            if kind == "Event":
                threading.Thread(target=self._invoke_later, args=(function, event), daemon=True).start()
                return Response(202, b"", [("x-amzn-RequestId", str(uuid.uuid4()))])
            return self._invoke(function, event)
        except UnknownFunctionError as error:
            return _error(404, "ResourceNotFoundException", str(error))
        except PayloadTooLargeError as error:
            return _error(413, "RequestTooLargeException", str(error))
        except FunctionBusyError:
            return _error(429, "TooManyRequestsException", "Rate Exceeded.")

    def _invoke(self, function: str, event: bytes) -> Response:
        outcome = self._functions.invoke(function, event)
        headers = [JSON_TYPE, ("x-amzn-RequestId", str(uuid.uuid4())), ("X-Amz-Executed-Version", "$LATEST")]
        if outcome.function_error:
            headers.append(("X-Amz-Function-Error", outcome.function_error))
        return Response(200, outcome.payload, headers)

    def _invoke_later(self, function: str, event: bytes) -> None:
        try:
            outcome = self._functions.invoke(function, event)
        except (FunctionBusyError, PayloadTooLargeError) as error:
            print(f"{function}: an asynchronous invocation was dropped: {error}", file=sys.stderr)
            return
        if outcome.function_error:
            print(f"{function} failed an asynchronous invocation: {outcome.payload[:300]!r}", file=sys.stderr)


def _error(status: int, kind: str, message: str) -> Response:
    body = json.dumps({"Type": "User", "message": message}).encode()
    return Response(status, body, [JSON_TYPE, ("x-amzn-ErrorType", kind)])
