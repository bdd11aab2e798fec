"""Does work grow with its input as it should? Told by the processor's time, and by no figure of a machine."""

import gc
import time
from collections.abc import Callable

TIMES = 8
MOST_GROWTH = 3 * TIMES
"""Eight times the input takes linear work about eight times as long, quadratic work sixty-four times."""
TRIES = 5
LEAST_SECONDS = 0.002
"""Below it a measurement is mostly noise."""


def grows_linearly(work: Callable[[int], object], large_size: int = 800_000) -> bool:
    """Tell whether `work(size)` takes at most three times its share for a large size; the best of some tries.

    Other programs can only make a try slower: one that is quick enough settles it.
    """
    small = large = float("inf")
    for _ in range(TRIES):
        small = min(small, _seconds(work, large_size // TIMES))
        large = min(large, _seconds(work, large_size))
        if large <= MOST_GROWTH * max(small, LEAST_SECONDS):
            return True
    return False


def _seconds(work: Callable[[int], object], size: int) -> float:
    """Of this thread's processor time; collecting garbage grows with what all other tests left behind."""
    gc.disable()
    try:
        began = time.thread_time()
        work(size)
        return time.thread_time() - began
    finally:
        gc.enable()
