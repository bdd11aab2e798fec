"""The cloud's one address: counts each request and leads it to the part that answers it."""

from __future__ import annotations

import re

from infra.local.counters import Counters
from infra.local.lambda_api import LambdaApi, is_invocation
from infra.local.loopback_server import LoopbackServer, Request, Response
from infra.local.moto_app import MotoApp
from infra.local.queues import Queues
from infra.local.rights import caller, right_needed
from infra.local.s3_gate import S3Gate
from infra.local.state_machines import StateMachines

TARGETS = {"AmazonSQS": "sqs", "AWSStepFunctions": "states"}
S3_ACTIONS = {
    "PUT": "PutObject",
    "GET": "GetObject",
    "HEAD": "HeadObject",
    "DELETE": "DeleteObject",
    "POST": "Post",
}


def service_and_action(request: Request) -> tuple[str, str]:
    """Which service a request is for, and which of its actions, for example ("sqs", "SendMessage")."""
    prefix, _, action = request.headers.get("X-Amz-Target", "").partition(".")
    if prefix in TARGETS:
        return TARGETS[prefix], action
    if is_invocation(request):
        return "lambda-http", "Invoke"
    scope = re.search(r"Credential=[^/]+/\d+/[^/]+/([^/]+)/", request.headers.get("Authorization", ""))
    service = scope[1] if scope else "s3"
    return service, action or S3_ACTIONS.get(request.method, request.method)


class AwsEndpoint:
    """Serves S3, SQS, Step Functions, Lambda's Invoke, and through moto whatever else it knows."""

    def __init__(self, moto: MotoApp, counters: Counters) -> None:
        self._moto = moto
        self._counters = counters
        self._server = LoopbackServer(self._answer, name="aws")
        self._parts: tuple[Queues, StateMachines, S3Gate, LambdaApi] | None = None

    @property
    def url(self) -> str:
        return self._server.url

    def start(self, queues: Queues, machines: StateMachines, s3: S3Gate, functions: LambdaApi) -> None:
        """Begins to serve; the address was known before, because functions are configured with it."""
        self._parts = (queues, machines, s3, functions)
        self._server.start()

    def stop(self) -> None:
        self._server.stop()

    def _answer(self, request: Request) -> Response:
        assert self._parts is not None
        queues, machines, s3, functions = self._parts
        service, action = service_and_action(request)
        if service == "lambda-http":
            return functions.answer(request)
        self._counters.count(service, action)
        if function := caller(request):
            self._counters.use(function, right_needed(request, service, action))
        if service == "sqs":
            return queues.answer(request, action)
        if service == "states":
            return machines.answer(request, action)
        if service == "s3":
            return s3.answer(request)
        return self._moto.forward(request)
