"""Runs one command in a process group of its own, bounded in time and output; always ends and reaps it."""

import os
import selectors
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import IO

from census.adapters.closed_memory import close_memory

_READ_BYTES = 1 << 18
_STDERR_KEPT = 4096
_POLL_SECONDS = 0.002


@dataclass(frozen=True)
class ChildEnd:
    """How a child ended. `status` is its exit code, or minus the signal that ended it, or None when we ended
    it.
    """

    status: int | None
    output: bytes
    complaint: str
    timed_out: bool = False
    overflowed: bool = False


def run_child(
    command: Sequence[str],
    environment: Mapping[str, str],
    request: bytes,
    *,
    deadline: float,
    max_output: int,
) -> ChildEnd:
    """Run `command` with `request` (shorter than a pipe's buffer) on standard input.

    It ends at `deadline` (of `time.monotonic`) or when it writes more than `max_output` bytes; whatever it
    started in its group ends with it.
    """
    close_memory()
    with subprocess.Popen(
        command,
        env=dict(environment),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    ) as process:
        try:
            return _attend(process, request, deadline, max_output)
        finally:
            end_group(process)


def _attend(process: subprocess.Popen[bytes], request: bytes, deadline: float, max_output: int) -> ChildEnd:
    assert process.stdin is not None
    assert process.stdout is not None
    assert process.stderr is not None
    _send(process.stdin, request)
    output, complaint = bytearray(), bytearray()
    finished = read_pipes(process.stdout, process.stderr, output, complaint, deadline, max_output)
    overflowed = len(output) > max_output
    status = None if overflowed or not finished else _await_exit(process.pid, deadline)
    timed_out = status is None and not overflowed
    kept = complaint[-_STDERR_KEPT:].decode("utf-8", errors="replace").strip()
    return ChildEnd(status, bytes(output), kept, timed_out, overflowed)


def _send(stdin: IO[bytes], request: bytes) -> None:
    with suppress(BrokenPipeError):  # a child that died already; how it ended tells more
        stdin.write(request)
        stdin.close()


def read_pipes(
    stdout: IO[bytes] | int,
    stderr: IO[bytes] | int,
    output: bytearray,
    complaint: bytearray,
    deadline: float,
    most: int,
) -> bool:
    """Read both pipes to their ends; return False when the deadline or the output limit came first.

    Of the complaint only the end is kept.
    """
    with selectors.DefaultSelector() as selector:
        selector.register(stdout, selectors.EVENT_READ, output)
        selector.register(stderr, selectors.EVENT_READ, complaint)
        while selector.get_map():
            left = deadline - time.monotonic()
            ready = selector.select(left) if left > 0 else []
            if not ready:
                return False
            for key, _ in ready:
                chunk = os.read(key.fd, _READ_BYTES)
                key.data.extend(chunk)
                if not chunk:
                    selector.unregister(key.fileobj)
            del complaint[:-_STDERR_KEPT]
            if len(output) > most:
                return False
    return True


def _await_exit(pid: int, deadline: float) -> int | None:
    """Return the child's exit status without reaping it, so that its process group keeps its number until it
    is ended.
    """
    while True:
        state = os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        if state is not None:
            return state.si_status if state.si_code == os.CLD_EXITED else -state.si_status
        if time.monotonic() > deadline:
            return None
        time.sleep(_POLL_SECONDS)


def end_group(process: subprocess.Popen[bytes]) -> None:
    """Kill what is left of the child's group and reap the child."""
    if process.returncode is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
