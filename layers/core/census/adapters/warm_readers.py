"""Processes that stand warm with the parsers' modules imported and fork a reader for each file.

No shared memory and no pool of workers, neither of which Lambda has: one process, one socket, and a fork that
is gone with its file.
"""

import os
import select
import signal
import socket
import subprocess
import sys
import time
import weakref
from collections.abc import Callable, Mapping
from contextlib import suppress

from census.adapters.closed_memory import close_memory
from census.adapters.extraction.warm import GONE, NUMBER
from census.adapters.extraction_child import ChildEnd, read_pipes

_END_SECONDS = 5.0
_NO_START = "its process could not be started; the log says more"


class _GoneError(Exception):
    """The warm process does not answer any more."""


class WarmReaders:
    """Runs readers, each in a fork; as many at once as there are threads that ask."""

    def __init__(self, environment: Callable[[], Mapping[str, str]]) -> None:
        """`environment` is asked whenever a process is started."""
        self._environment = environment
        self._idle: list[_WarmProcess] = []

    def run(self, request: bytes, *, deadline: float, max_output: int) -> ChildEnd:
        """Have a fork answer `request`; it ends at `deadline` or when it writes more than `max_output`."""
        for process in (self._take(), None):
            warm = process or _WarmProcess(self._environment())
            try:
                end = warm.run(request, deadline, max_output)
            except _GoneError:
                warm.close()
                if time.monotonic() >= deadline:
                    return ChildEnd(None, b"", "", timed_out=True)
                continue
            self._idle.append(warm)
            return end
        return ChildEnd(1, b"", _NO_START)

    def close(self) -> None:
        """End the processes; the next file starts one anew."""
        while (warm := self._take()) is not None:
            warm.close()

    def _take(self) -> "_WarmProcess | None":
        try:
            return self._idle.pop()
        except IndexError:
            return None


class _WarmProcess:
    """One of them, with this end of its socket."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._received = b""
        close_memory()
        self._channel, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-S", "-P", "-m", "census.adapters.extraction.warm"],
                env=dict(environment),
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
                start_new_session=True,
            )
        # Also without a call of close(): who lets go of this object leaves no process behind.
        self.close = weakref.finalize(self, _end, self._channel, self._process)

    def run(self, request: bytes, deadline: float, max_output: int) -> ChildEnd:
        """Have a fork answer. Raises _GoneError."""
        answer, complaints, pid = self._fork(request, deadline)
        try:
            return self._follow(answer, complaints, deadline, max_output)
        finally:
            os.close(answer)
            os.close(complaints)
            self._end_fork(pid)

    def _fork(self, request: bytes, deadline: float) -> tuple[int, int, int]:
        """The pipes to read and the fork's process id, 0 where the deadline came first."""
        (answer, theirs), (complaints, theirs_too) = os.pipe(), os.pipe()
        try:
            message = NUMBER.pack(len(request)) + request
            with suppress(BrokenPipeError):
                socket.send_fds(self._channel, [message], [theirs, theirs_too])
            pid = self._number(deadline)
        except BaseException:
            os.close(answer)
            os.close(complaints)
            raise
        finally:
            os.close(theirs)
            os.close(theirs_too)
        return answer, complaints, pid or 0

    def _follow(self, answer: int, complaints: int, deadline: float, most: int) -> ChildEnd:
        output, complaint = bytearray(), bytearray()
        finished = read_pipes(answer, complaints, output, complaint, deadline, most)
        overflowed = len(output) > most
        status = self._number(deadline) if finished and not overflowed else None
        kept = complaint.decode("utf-8", errors="replace").strip()
        return ChildEnd(status, bytes(output), kept, status is None and not overflowed, overflowed)

    def _end_fork(self, pid: int) -> None:
        """Have the fork and its group ended and reaped."""
        try:
            self._channel.sendall(b"x")
            deadline = time.monotonic() + _END_SECONDS
            while (number := self._number(deadline)) != GONE:  # but an id or a status nobody waited for
                if number is None:
                    raise _GoneError
        except (_GoneError, OSError) as error:
            if pid:
                with suppress(ProcessLookupError, PermissionError):
                    os.killpg(pid, signal.SIGKILL)
            raise _GoneError from error

    def _number(self, deadline: float) -> int | None:
        """The number that the process sends next, None where the deadline comes first."""
        while len(self._received) < NUMBER.size:
            chunk = self._some(NUMBER.size - len(self._received), deadline)
            if chunk is None:
                return None
            self._received += chunk
        number: int = NUMBER.unpack(self._received)[0]
        self._received = b""
        return number

    def _some(self, size: int, deadline: float) -> bytes | None:
        left = max(0.0, deadline - time.monotonic())
        if not select.select([self._channel], [], [], left)[0]:
            return None
        try:
            chunk = self._channel.recv(size)
        except OSError as error:
            raise _GoneError from error
        if not chunk:
            raise _GoneError
        return chunk


def _end(channel: socket.socket, process: subprocess.Popen[bytes]) -> None:
    """Closing the socket ends the process, and with it a fork that should still run."""
    channel.close()
    try:
        process.wait(_END_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
