"""Progress for people at a terminal (one moving bar) and for logs (few lines, no control codes)."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

LOG_STEP = 0.25  # a log gets a line for every quarter …
LOG_SECONDS = 15.0  # … or after this long without one
LOG_WIDTH = 110


class Meter(Protocol):
    """Shows how far something is."""

    def show(self, done: int, total: int, note: str = "") -> None:
        """`done` of `total`, with a short note such as the phase; may be called often."""


def open_console(*, stderr: bool = False) -> Console:
    """A console without control codes wherever the output is no terminal."""
    console = Console(stderr=stderr, highlight=False)
    return console if console.is_terminal else Console(stderr=stderr, highlight=False, width=LOG_WIDTH)


@contextmanager
def meter(console: Console, label: str) -> Iterator[Meter]:
    """A meter that fits the console; it ends with the block."""
    if not console.is_terminal:
        yield LogMeter(console, label)
        return
    columns = (
        TextColumn("  {task.description}"),
        BarColumn(bar_width=32),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.fields[note]}", style="dim"),
    )
    with Progress(*columns, console=console) as progress:
        yield BarMeter(progress, progress.add_task(label, total=None, note=""))


class BarMeter:
    """Moves one bar."""

    def __init__(self, progress: Progress, task: TaskID) -> None:
        self._progress = progress
        self._task = task

    def show(self, done: int, total: int, note: str = "") -> None:
        """Set the bar; a total of 0 pulses, because nobody knows yet."""
        self._progress.update(self._task, completed=done, total=total or None, note=note)


class LogMeter:
    """Prints a line when something worth a line has happened."""

    def __init__(self, console: Console, label: str) -> None:
        self._console = console
        self._label = label
        self._last: tuple[int, int, str] | None = None
        self._printed_at = time.monotonic()

    def show(self, done: int, total: int, note: str = "") -> None:
        """Print where `done` entered another quarter, or a long time went by."""
        quarter = int(done / total / LOG_STEP) if total else 0
        now = (quarter, total, note.split(",", maxsplit=1)[0])
        quiet_long = time.monotonic() - self._printed_at > LOG_SECONDS
        if now == self._last and not quiet_long:
            return
        self._last, self._printed_at = now, time.monotonic()
        shown = f"  {self._label}: {done} of {total}" if total else f"  {self._label}"
        self._console.print(f"{shown} ({note})" if note else shown, markup=False)
