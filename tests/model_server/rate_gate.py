"""A limit on requests that slides: what a vendor refuses above so many requests a minute, and how often."""

import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

WINDOW_SECONDS = 60.0


@dataclass(frozen=True)
class RateCount:
    """What the gate saw. `refused` requests came above the limit; `busiest` is the fullest window's count."""

    accepted: int
    refused: int
    busiest: int


class RateGate:
    """Lets at most `limit` requests pass in any `window_seconds`; refused ones do not count. Safe in threads.

    `limit` None lets everything pass, and still counts.
    """

    def __init__(
        self,
        limit: int | None = None,
        window_seconds: float = WINDOW_SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._limit, self._window, self._clock = limit, window_seconds, clock
        self._lock = threading.Lock()
        self._passed: deque[float] = deque()
        self._count = RateCount(0, 0, 0)

    @property
    def count(self) -> RateCount:
        """The counts so far."""
        return self._count

    def wait_seconds(self) -> float | None:
        """None when this request may pass; else how long until one may again."""
        with self._lock:
            now, seen = self._clock(), self._count
            while self._passed and self._passed[0] <= now - self._window:
                self._passed.popleft()
            if self._limit is not None and len(self._passed) >= self._limit:
                self._count = RateCount(seen.accepted, seen.refused + 1, seen.busiest)
                return self._passed[0] + self._window - now
            self._passed.append(now)
            self._count = RateCount(seen.accepted + 1, seen.refused, max(seen.busiest, len(self._passed)))
            return None
