"""Serves the template's HTTP API on 127.0.0.1, in the role of API Gateway and its authorizer."""

from __future__ import annotations

import json
import sys
import threading
import time
import uuid
from collections.abc import Sequence

from infra.local.authorizer import UnauthorizedError, claims
from infra.local.deployment import Route
from infra.local.function_processes import FunctionBusyError, FunctionProcesses, PayloadTooLargeError
from infra.local.http_events import (
    JSON_TYPE,
    Call,
    MalformedAnswerError,
    Match,
    http_response,
    match_route,
    proxy_event,
)
from infra.local.lambda_runtime import Outcome
from infra.local.loopback_server import LoopbackServer, Request, Response

BODY_LIMIT = 10 * 1024 * 1024
TIMEOUT_SECONDS = 30.0
PATIENCE_SECONDS = 10.0
"""How long a request waits for a free process; AWS would start one more instead."""
IDLE_SECONDS = 75.0


class HttpGateway:
    """Listens on `port` (0: any free one) and invokes the routes' functions. Raises PortInUseError."""

    def __init__(self, port: int) -> None:
        self._server = LoopbackServer(self._answer, port=port, name="gateway", idle_seconds=IDLE_SECONDS)
        self._routes: Sequence[Route] = ()
        self._functions: FunctionProcesses | None = None

    @property
    def url(self) -> str:
        return self._server.url

    def start(self, routes: Sequence[Route], functions: FunctionProcesses) -> None:
        """Begins to serve; the port was taken before, so that a port in use is found at once."""
        self._routes, self._functions = routes, functions
        self._server.start()

    def stop(self) -> None:
        self._server.stop()

    def _answer(self, request: Request) -> Response:
        match = match_route(self._routes, request.method, request.path)
        if match is None:
            return _message(404, "Not Found")
        granted = None
        if match.route.authorized:
            try:
                granted = claims(request.headers.get("Authorization"))
            except UnauthorizedError:
                return _message(401, "Unauthorized")
        if request.length is not None and request.length > BODY_LIMIT:
            return _message(413, "Request Entity Too Large")
        body = request.body.read(BODY_LIMIT + 1)
        if len(body) > BODY_LIMIT:
            return _message(413, "Request Entity Too Large")
        event = proxy_event(_call(request, body), match, granted)
        return self._invoke(match, json.dumps(event).encode())

    def _invoke(self, match: Match, event: bytes) -> Response:
        try:
            outcome = self._within_time(match.route.function, event)
        except FunctionBusyError:
            return _message(503, "Service Unavailable")
        except PayloadTooLargeError:
            return _message(413, "Request Entity Too Large")
        if outcome is None:
            return _message(503, "Service Unavailable")
        if outcome.function_error:
            cause = outcome.payload[:500].decode("utf-8", "replace")
            print(f"{match.route.function} failed a request: {cause}", file=sys.stderr)
            return _message(500, "Internal Server Error")
        try:
            return http_response(outcome.payload)
        except MalformedAnswerError as error:
            print(f"{match.route.function}: {error}", file=sys.stderr)
            return _message(500, "Internal Server Error")

    def _within_time(self, function: str, event: bytes) -> Outcome | None:
        """The outcome, or None after the gateway's 30 s; the function may go on, as on AWS."""
        assert self._functions is not None
        functions = self._functions
        if functions.settings(function).timeout_seconds <= TIMEOUT_SECONDS - 1:
            return functions.invoke(function, event, patience=PATIENCE_SECONDS)
        outcomes: list[Outcome | FunctionBusyError] = []

        def run() -> None:
            try:
                outcomes.append(functions.invoke(function, event, patience=PATIENCE_SECONDS))
            except FunctionBusyError as error:
                outcomes.append(error)

        thread = threading.Thread(target=run, daemon=True)
        thread.start()
        thread.join(TIMEOUT_SECONDS)
        if outcomes and isinstance(outcomes[0], FunctionBusyError):
            raise outcomes[0]
        return outcomes[0] if outcomes and isinstance(outcomes[0], Outcome) else None


def _call(request: Request, body: bytes) -> Call:
    now = time.time()
    return Call(
        method=request.method,
        path=request.path,
        query=request.query,
        headers=[(name.lower(), str(value)) for name, value in request.headers.items()],
        body=body,
        client=request.client,
        request_id=str(uuid.uuid4()),
        epoch_ms=int(now * 1000),
        time=time.strftime("%d/%b/%Y:%H:%M:%S +0000", time.gmtime(now)),
    )


def _message(status: int, text: str) -> Response:
    return Response(status, json.dumps({"message": text}).encode(), [JSON_TYPE])
