"""The processes that this one has started."""

from pathlib import Path


def children() -> set[int]:
    """Those that still are, dead ones that nobody reaped included."""
    tasks = Path("/proc/self/task").iterdir()
    return {int(pid) for task in tasks for pid in (task / "children").read_text().split()}
