"""A queue of hints: a message can be lost, repeated or late, and everything in it can be derived again."""

from collections.abc import Sequence
from typing import Protocol

from census.domain.plan import JsonObject


class Queue(Protocol):
    """Sends messages that carry ids only."""

    def send(self, message: JsonObject, delay_seconds: int = 0) -> str:
        """Send one message, at most 900 seconds late; its id. Raises UnavailableError."""
        ...

    def send_many(self, messages: Sequence[JsonObject]) -> int:
        """Send messages in as few requests as possible, several in flight.

        Returns how many of the first messages were certainly sent, in order; the rest may be sent again.
        """
        ...

    def is_empty(self) -> bool:
        """Whether the queue holds no message, waiting, delayed or with a receiver, as far as it knows.

        Raises UnavailableError.
        """
        ...
