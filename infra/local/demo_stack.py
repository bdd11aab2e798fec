"""A stack of its own for the demo: the very process that `make up` runs, started and stopped around it."""

import queue
import secrets
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from infra.local.client_errors import CensusError, ConnectionLostError, StackUnreachableError

READY = "ready http://"
START_SECONDS = 120.0
STOP_SECONDS = 45.0
LOG_LINES_SHOWN = 25


class StackDownError(CensusError):
    """The stack ended when it should run, or stayed silent when it should be ready."""

    def __init__(self, what: str, log: Path) -> None:
        lines = log.read_text("utf-8", "replace").splitlines()[-LOG_LINES_SHOWN:]
        super().__init__("\n".join([f"{what} Its last words ({log}):", *(f"  {line}" for line in lines)]))


class StackStopError(CensusError):
    """The stack did not end when asked to and was killed."""

    def __init__(self, seconds: float, log: Path) -> None:
        super().__init__(
            f"The stack did not stop within {seconds:.0f} s of SIGTERM and was killed; see {log}."
        )


def free_port() -> int:
    """A port of the loopback address that nobody listens on right now.

    It lies below those that systems hand out by themselves (from 32,768 on under Linux): until the stack
    listens on it, no connection of any other program gets it by chance.
    """
    while True:
        port = 20_000 + secrets.randbelow(12_000)
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


def stack_command(port: int, data: Path) -> list[str]:
    """What `make up` runs."""
    return [sys.executable, "-m", "infra.local", "up", "--port", str(port), "--data", str(data)]


@contextmanager
def running_stack(
    command: Sequence[str],
    log: Path,
    *,
    start_seconds: float = START_SECONDS,
    stop_seconds: float = STOP_SECONDS,
) -> Iterator[str]:
    """Run the command, yield the address it serves, and stop it with SIGTERM when the block ends.

    Its standard error goes to `log`. Raises StackDownError and StackStopError.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as errors:
        # A session of its own: Ctrl-C reaches the demo alone, which then stops the stack in order.
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=errors, start_new_session=True
        )
    try:
        yield _address(process, log, start_seconds)
    except (StackUnreachableError, ConnectionLostError) as error:
        if process.poll() is None:
            raise
        raise StackDownError(f"The stack ended by itself (exit code {process.returncode}).", log) from error
    finally:
        _stop(process, log, stop_seconds)


def _address(process: subprocess.Popen[bytes], log: Path, seconds: float) -> str:
    assert process.stdout is not None
    lines: queue.Queue[str | None] = queue.Queue()
    threading.Thread(target=_drain, args=(process.stdout, lines), daemon=True).start()
    deadline = time.monotonic() + seconds
    while True:
        try:
            line = lines.get(timeout=max(0.0, deadline - time.monotonic()))
        except queue.Empty:
            raise StackDownError(f"The stack was not ready after {seconds:.0f} s.", log) from None
        if line is None:
            raise StackDownError(f"The stack ended before it was ready (exit code {process.wait()}).", log)
        if line.startswith(READY):
            return line.removeprefix("ready ")


def _drain(stream: IO[bytes], lines: "queue.Queue[str | None]") -> None:
    """Read to the end, so that the stack never waits for a full pipe; None says that it closed."""
    with stream:
        for line in stream:
            lines.put(line.decode("utf-8", "replace").strip())
    lines.put(None)


def _stop(process: subprocess.Popen[bytes], log: Path, seconds: float) -> None:
    if process.poll() is not None:
        return
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        raise StackStopError(seconds, log) from None
