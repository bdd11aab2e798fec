"""Counts what the application asks of the cloud, so that tests can hold design numbers by counting."""

from __future__ import annotations

import threading
from collections import Counter


class Counters:
    """Requests by (service, action), thread-safe.

    `requests[("sqs", "SendMessageBatch")]` are requests of functions and clients. What the queue poller
    does in Lambda's name stands under the service "sqs-poller" (ReceiveMessage: only those that brought
    messages, and DeleteMessageBatch), as those requests are billed too.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._requests: Counter[tuple[str, str]] = Counter()
        self._rights: set[tuple[str, str]] = set()

    def count(self, service: str, action: str) -> None:
        with self._lock:
            self._requests[service, action] += 1

    def use(self, function: str, right: str) -> None:
        """Notes that a function made a call for which it needs this right (an IAM action)."""
        with self._lock:
            self._rights.add((function, right))

    @property
    def rights(self) -> set[tuple[str, str]]:
        """Each (function, IAM action) that was needed so far."""
        with self._lock:
            return set(self._rights)

    @property
    def requests(self) -> Counter[tuple[str, str]]:
        """A copy of the counts so far."""
        with self._lock:
            return Counter(self._requests)

    def total(self, *services: str) -> int:
        """The sum over `services`, for example ``total("sqs", "sqs-poller")``."""
        return sum(count for (service, _), count in self.requests.items() if service in services)

    def reset(self) -> None:
        with self._lock:
            self._requests.clear()
