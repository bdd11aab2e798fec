"""How long to wait between two looks: short at first, so that short work shows at once, then longer."""


def pause_after(waited_seconds: float, longest_seconds: float) -> float:
    """A tenth of the time waited so far, from 50 ms up to the longest pause."""
    return min(longest_seconds, 0.05 + waited_seconds / 10)
