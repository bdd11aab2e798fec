"""Waiting for what happens in other processes, and seeing whether they still run."""

import os
import time
from collections.abc import Callable
from typing import TypeVar

import psutil

T = TypeVar("T")


class NotInTimeError(AssertionError):
    """What a test waits for did not happen; the message says what."""


def wait_for(look: Callable[[], T], what: str, seconds: float = 120.0, every: float = 0.1) -> T:
    """The first true value of `look`. Raises NotInTimeError."""
    deadline = time.monotonic() + seconds
    while not (found := look()):
        if time.monotonic() > deadline:
            raise NotInTimeError(f"after {seconds:.0f} s still waiting for {what}; last seen: {found!r}")
        time.sleep(every)
    return found


def is_gone(pid: int) -> bool:
    """Whether a process no longer runs; one that only waits to be collected by its parent does not."""
    try:
        return bool(psutil.Process(pid).status() == psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return True


def sessions_of(pids: set[int]) -> set[int]:
    """Every process in the sessions that these processes lead: they and whatever they started."""
    found = set()
    for pid in psutil.pids():
        try:
            if os.getsid(pid) in pids and not is_gone(pid):
                found.add(pid)
        except (ProcessLookupError, PermissionError):
            continue
    return found


def processor_seconds(pids: set[int]) -> float:
    """What these processes, and those of their children that have ended, used so far."""
    spent = 0.0
    for pid in pids:
        try:
            spent += sum(psutil.Process(pid).cpu_times()[:4])
        except psutil.NoSuchProcess:
            continue
    return spent
