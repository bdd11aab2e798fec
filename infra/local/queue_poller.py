"""Plays Lambda's part between a queue and a function: batches, windows, concurrency, partial failures.

Messages of a failed invocation stay hidden until the queue's visibility time-out ends, then come again with a
higher receive count or move to the dead-letter queue, which moto does when they would be received once more.
"""

from __future__ import annotations

import json
import sys
import threading
import time
from typing import Any

from infra.local.deployment import QueueMapping
from infra.local.function_processes import FunctionBusyError, FunctionProcesses
from infra.local.lambda_runtime import Outcome
from infra.local.queue_events import batch_event, finished_messages
from infra.local.queues import Queues

TICK_SECONDS = 0.5
"""How often to look for messages that became visible by themselves (delays, ended time-outs)."""
RECEIVE_LIMIT = 10
"""Messages SQS gives out in one request."""


class QueuePoller:
    """Feeds one function from one queue until stopped."""

    def __init__(self, mapping: QueueMapping, queues: Queues, functions: FunctionProcesses) -> None:
        self._mapping = mapping
        self._queues = queues
        self._functions = functions
        self._slots = threading.Semaphore(mapping.max_concurrency)
        self._stopping = threading.Event()
        self._running: set[threading.Thread] = set()
        self._thread = threading.Thread(target=self._poll, name=f"poll-{mapping.queue_name}", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Takes no more messages; invocations under way are left to `wait`."""
        self._stopping.set()
        self._queues.wake()
        self._slots.release()
        self._thread.join(timeout=5)

    def wait(self, seconds: float) -> None:
        """Gives invocations under way `seconds` to end."""
        deadline = time.monotonic() + seconds
        for thread in list(self._running):
            thread.join(max(0.0, deadline - time.monotonic()))

    def _poll(self) -> None:
        while not self._stopping.is_set():
            # A slot first: a message received without a worker would be hidden for nothing.
            self._slots.acquire()
            messages = self._batch()
            if not messages:
                self._slots.release()
                continue
            thread = threading.Thread(target=self._deliver, args=(messages,), daemon=True)
            self._running.add(thread)
            thread.start()

    def _batch(self) -> list[Any]:
        """Waits for the first message, then for a full batch or the end of the window."""
        messages = self._receive(self._mapping.batch_size)
        while not messages and not self._stopping.is_set():
            self._queues.wait(TICK_SECONDS)
            messages = self._receive(self._mapping.batch_size)
        deadline = time.monotonic() + self._mapping.window_seconds
        while 0 < len(messages) < self._mapping.batch_size and not self._stopping.is_set():
            left = deadline - time.monotonic()
            if left <= 0:
                break
            self._queues.wait(min(left, TICK_SECONDS))
            messages += self._receive(self._mapping.batch_size - len(messages))
        return messages

    def _receive(self, wanted: int) -> list[Any]:
        messages: list[Any] = []
        while len(messages) < wanted and not self._stopping.is_set():
            more = self._queues.receive(self._mapping.queue_arn, min(RECEIVE_LIMIT, wanted - len(messages)))
            messages += more
            if not more or not self._mapping.window_seconds:
                break
        return messages

    def _deliver(self, messages: list[Any]) -> None:
        try:
            outcome = self._invoke(messages)
            sent = [message.id for message in messages]
            finished = set(finished_messages(sent, outcome, self._mapping.reports_item_failures))
            receipts = [message.receipt_handle for message in messages if message.id in finished]
            self._queues.delete(self._mapping.queue_arn, receipts)
        finally:
            self._running.discard(threading.current_thread())
            self._slots.release()

    def _invoke(self, messages: list[Any]) -> Outcome:
        event = json.dumps(batch_event(messages, self._mapping.queue_arn)).encode()
        try:
            outcome = self._functions.invoke(self._mapping.function, event)
        except FunctionBusyError:
            return Outcome.failure("TooManyRequestsException", "no process became free")
        if outcome.function_error and not self._stopping.is_set():
            cause = outcome.payload[:300].decode("utf-8", "replace")
            print(f"{self._mapping.function} failed a batch of {len(messages)}: {cause}", file=sys.stderr)
        return outcome
