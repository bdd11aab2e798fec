"""What was asked of the server, for tests that count calls."""

import hashlib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass


def window_key(text: str) -> str:
    """The key of a window in records: a hash of its text (16 hexadecimal digits)."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


@dataclass(frozen=True)
class RecordedCall:
    """One call: `purpose` is read, plan, lookup, fold or embed; `status` 0: the connection was dropped.

    `started` and `ended` are seconds of a monotonic clock. `billed`: a reply with usage was sent.
    """

    purpose: str
    model: str
    windows: tuple[str, ...]
    criteria: tuple[str, ...]
    attempt: int
    fault: str | None
    status: int
    billed: bool
    started: float
    ended: float


def calls_by_window(calls: Iterable[RecordedCall]) -> Counter[str]:
    """How often each window was sent."""
    return Counter(key for call in calls for key in call.windows)
