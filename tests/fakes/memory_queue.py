"""A queue in memory. Implements census.ports.queue.Queue and passes the same contract as SQS."""

import json
import threading
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field

from census.domain.errors import UnavailableError
from census.domain.plan import JsonObject

LONGEST_DELAY = 900


@dataclass
class MemoryQueue:
    """Time stands still until `advance`. `room`: how many messages it still takes before it fails."""

    room: int | None = None
    now: float = 0.0
    _waiting: list[tuple[float, str]] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def send(self, message: JsonObject, delay_seconds: int = 0) -> str:
        """See the port."""
        if not 0 <= delay_seconds <= LONGEST_DELAY:
            raise UnavailableError(f"A delay of {delay_seconds} s is not possible.")
        with self._lock:
            if self.room == 0:
                raise UnavailableError("The queue does not answer.")
            self.room = None if self.room is None else self.room - 1
            self._waiting.append((self.now + delay_seconds, json.dumps(message)))
        return uuid.uuid4().hex

    def send_many(self, messages: Sequence[JsonObject]) -> int:
        """See the port."""
        for sent, message in enumerate(messages):
            try:
                self.send(message)
            except UnavailableError:
                return sent
        return len(messages)

    def is_empty(self) -> bool:
        """See the port."""
        with self._lock:
            return not self._waiting

    def receive(self, most: int = 10) -> list[JsonObject]:
        """Take up to `most` messages that are due; they are gone, as if the receiver deleted them."""
        with self._lock:
            due = [entry for entry in self._waiting if entry[0] <= self.now][:most]
            for entry in due:
                self._waiting.remove(entry)
        return [json.loads(body) for _, body in due]

    def delays(self) -> list[float]:
        """How long each waiting message still waits."""
        with self._lock:
            return [max(0.0, due - self.now) for due, _ in self._waiting]

    def lose_everything(self) -> None:
        """Forget all messages."""
        with self._lock:
            self._waiting.clear()

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        self.now += seconds
