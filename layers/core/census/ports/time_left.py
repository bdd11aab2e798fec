"""How long the person who waits for an answer still waits; calls to other services take no longer.

A request makes several calls in a row. Each has a time-out of its own, but what counts is their sum: a
function that is cut off has paid for calls and says nothing.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from time import monotonic

SECONDS_TO_ANSWER = 3.0
"""Of a request's time, what is kept to write down what came of its calls."""

_ends: ContextVar[float | None] = ContextVar("census_request_ends", default=None)


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """All that is called in the block has so long together, and no longer than a block around it allows."""
    ends, outer = monotonic() + seconds, _ends.get()
    token = _ends.set(ends if outer is None else min(ends, outer))
    try:
        yield
    finally:
        _ends.reset(token)


def time_left(most: float) -> float:
    """The seconds that a call may take: `most`, or what is left where that is less; 0 when it is over."""
    ends = _ends.get()
    return most if ends is None else max(0.0, min(most, ends - monotonic()))
