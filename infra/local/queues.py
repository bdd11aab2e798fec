"""The queues of the stack: moto's, made safe for threads, and able to wake whoever waits for messages."""

from __future__ import annotations

import json
import threading
from collections.abc import Sequence
from io import BufferedReader, BytesIO
from typing import Any

from moto.sqs.models import sqs_backends

from infra.local.counters import Counters
from infra.local.deployment import ACCOUNT, REGION
from infra.local.loopback_server import Request, Response
from infra.local.moto_app import MotoApp

SENDS = {"SendMessage", "SendMessageBatch", "ChangeMessageVisibility", "ChangeMessageVisibilityBatch"}


class Queues:
    """Access to moto's queues for the stack's own parts.

    moto changes its lists without locks, and a long poll would hold ours: requests are served one at a
    time, and a ReceiveMessage never waits (SQS may always answer early).
    """

    def __init__(self, moto: MotoApp, counters: Counters) -> None:
        self._moto = moto
        self._counters = counters
        self._lock = threading.RLock()
        self._arrived = threading.Condition(self._lock)
        self._backend = sqs_backends[ACCOUNT][REGION]

    def answer(self, request: Request, action: str) -> Response:
        """Serves an SQS request of a function or a client."""
        if action == "ReceiveMessage":
            request = _without_waiting(request)
        with self._lock:
            response = self._moto.forward(request)
            if action in SENDS:
                self._arrived.notify_all()
        return response

    def send(self, queue_arn: str, body: str) -> None:
        """Puts a message into a queue in the name of another service, as S3 does with its events."""
        with self._lock:
            self._backend.send_message(_name(queue_arn), body)
            self._arrived.notify_all()

    def receive(self, queue_arn: str, count: int) -> list[Any]:
        """At most `count` messages, hidden for the queue's visibility time-out."""
        name = _name(queue_arn)
        with self._lock:
            queue = self._backend.get_queue(name)
            messages = self._backend.receive_message(name, count, 0, int(queue.visibility_timeout), ["All"])
        if messages:
            self._counters.count("sqs-poller", "ReceiveMessage")
        return list(messages)

    def delete(self, queue_arn: str, receipts: Sequence[str]) -> None:
        """Removes received messages; one request for up to ten."""
        for start in range(0, len(receipts), 10):
            entries = [{"Id": str(n), "ReceiptHandle": r} for n, r in enumerate(receipts[start : start + 10])]
            with self._lock:
                self._backend.delete_message_batch(_name(queue_arn), entries)
            self._counters.count("sqs-poller", "DeleteMessageBatch")

    def wait(self, seconds: float) -> None:
        """Returns when a message was sent somewhere, or after `seconds`."""
        with self._arrived:
            self._arrived.wait(seconds)

    def wake(self) -> None:
        """Ends every wait."""
        with self._arrived:
            self._arrived.notify_all()


def _name(queue_arn: str) -> str:
    return queue_arn.rpartition(":")[2]


def _without_waiting(request: Request) -> Request:
    body = json.loads(request.body.read() or b"{}")
    body["WaitTimeSeconds"] = 0
    data = json.dumps(body).encode()
    del request.headers["Content-Length"]
    request.headers["Content-Length"] = str(len(data))
    stream = BufferedReader(BytesIO(data))
    return Request(request.method, request.target, request.headers, stream, len(data), request.client)
