"""One deadline over everything a fetch does: name look-up, connection, handshake, headers, body.

The guard and the client beneath know only time-outs a step: a server that sends a byte a second passes them.
"""

import threading
import time
from dataclasses import dataclass
from ssl import SSLContext
from typing import Any

import httpcore
from ssrfguard import Policy, Resolver
from ssrfguard.httpx import SafeBackend


@dataclass(frozen=True)
class Deadline:
    """A point in time of `time.monotonic`."""

    at: float

    @classmethod
    def after(cls, seconds: float) -> "Deadline":
        """The deadline this many seconds from now."""
        return cls(time.monotonic() + seconds)

    def left(self) -> float:
        """Seconds that are left. Raises httpcore.ReadTimeout when none is."""
        seconds = self.at - time.monotonic()
        if seconds <= 0:
            raise httpcore.ReadTimeout("the deadline has passed")
        return seconds

    def bound(self, timeout: float | None) -> float:
        """The shorter of a time-out and what is left."""
        return self.left() if timeout is None else min(timeout, self.left())


class DeadlineBackend(SafeBackend):
    """Connects only to addresses the policy permits, and does nothing after the deadline."""

    def __init__(self, policy: Policy, resolver: Resolver, deadline: Deadline) -> None:
        super().__init__(policy=policy, resolver=_resolver_within(resolver, deadline))
        self._deadline = deadline

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Any = None,
    ) -> httpcore.NetworkStream:
        """A connection that keeps the deadline. Raises what SafeBackend raises."""
        bound = self._deadline.bound(timeout)
        stream = super().connect_tcp(host, port, bound, local_address, socket_options)
        return _DeadlineStream(stream, self._deadline)


class _DeadlineStream(httpcore.NetworkStream):
    def __init__(self, stream: httpcore.NetworkStream, deadline: Deadline) -> None:
        self._stream = stream
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, self._deadline.bound(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, self._deadline.bound(timeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        stream = self._stream.start_tls(ssl_context, server_hostname, self._deadline.bound(timeout))
        return _DeadlineStream(stream, self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


def _resolver_within(resolver: Resolver, deadline: Deadline) -> Resolver:
    """The platform's look-up takes no time-out, so it runs in a thread that we can stop waiting for."""

    def look_up(*arguments: Any, **options: Any) -> Any:
        answers: list[Any] = []
        failures: list[BaseException] = []

        def run() -> None:
            try:
                answers.append(resolver(*arguments, **options))
            except Exception as error:  # noqa: BLE001  # raised again below, in the thread that asked
                failures.append(error)

        thread = threading.Thread(target=run, daemon=True)
        thread.start()
        thread.join(deadline.left())
        if failures:
            raise failures[0]
        if not answers:
            raise TimeoutError("the name was not looked up in time")
        return answers[0]

    return look_up
