"""The warm process that forks a reader for each file, so that a file pays a fork and not an interpreter.

It never looks at a file. A reader is its fork with the pipes of one file, a process group of its own and
limits set before anything is read; what a file breaks ends with the fork. It speaks over the socket that is
its standard input:

    in   length, request (JSON, see reader.py), and with it the pipes for the answer and for complaints
    out  the reader's process id; its status once it ended
    in   one byte: end it, whatever it does
    out  GONE: it and its group are
"""

import contextlib
import gc
import json
import os
import select
import signal
import socket
import struct
import traceback
from typing import Any

from census.adapters.extraction import reader
from census.adapters.extraction.detect import announced_type
from census.adapters.extraction.formats import format_of, prepare

NUMBER = struct.Struct(">q")
GONE = 1 << 40
"""No process id and no status is as large."""

_ANSWER, _FIRST_UNUSED = 3, 4
_MOST_OPEN = 256


def main() -> None:
    """Serve until the other end closes its socket."""
    channel = socket.socket(fileno=os.dup(0))
    woken, wake = os.pipe()
    os.set_blocking(wake, False)
    signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    while (received := _receive(channel)) is not None:
        request, pipes = received
        _import_for(request)
        gc.freeze()  # what is there now is left alone by the forks' collectors, and so stays shared
        pid = os.fork()
        if pid == 0:
            _become_reader(request, pipes)
        with contextlib.suppress(OSError):  # the fork does the same; whoever comes first
            os.setpgid(pid, pid)
        for pipe in pipes:
            os.close(pipe)
        if not _attend(channel, woken, pid):
            return


def _receive(channel: socket.socket) -> tuple[dict[str, Any], list[int]] | None:
    head, pipes, _, _ = socket.recv_fds(channel, NUMBER.size, 2)
    if not head:
        return None
    (length,) = NUMBER.unpack(head + _exactly(channel, NUMBER.size - len(head)))
    return json.loads(_exactly(channel, length)), pipes


def _exactly(channel: socket.socket, size: int) -> bytes:
    read = b""
    while len(read) < size:
        chunk = channel.recv(size - len(read))
        if not chunk:
            raise EOFError("the request ended in its middle")
        read += chunk
    return read


def _import_for(request: dict[str, Any]) -> None:
    """Import the parser that the name announces. What cannot be imported tells so in the fork."""
    expected = announced_type(request["filename"], request["content_type"])
    if expected is not None:
        with contextlib.suppress(Exception):
            prepare(format_of(expected).module)


def _attend(channel: socket.socket, woken: int, pid: int) -> bool:
    """Tell how the reader ends, end it when asked; false where nobody is left to ask."""
    channel.sendall(NUMBER.pack(pid))
    told = False
    while True:
        told = told or _tell_end(channel, pid)
        ready = select.select([channel.fileno(), woken], [], [])[0]
        if woken in ready:
            os.read(woken, 4096)
        if channel.fileno() in ready:
            asked = channel.recv(1)
            _end(pid)
            if asked:
                channel.sendall(NUMBER.pack(GONE))
            return bool(asked)


def _tell_end(channel: socket.socket, pid: int) -> bool:
    """Send the status of a reader that ended. It is not reaped yet: its group keeps its number."""
    state = os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    if state is None:
        return False
    exited = state.si_code == os.CLD_EXITED
    channel.sendall(NUMBER.pack(state.si_status if exited else -state.si_status))
    return True


def _end(pid: int) -> None:
    for kill in (os.killpg, os.kill):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)


def _become_reader(request: dict[str, Any], pipes: list[int]) -> None:
    """Answer one request and end; nothing of the warm process is left open but the two pipes."""
    status = 1
    try:
        with contextlib.suppress(OSError):
            os.setpgid(0, 0)
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        answer, complaints = pipes  # numbered above those that they go to: the channel was opened first
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.dup2(complaints, 1)
        os.dup2(complaints, 2)
        os.dup2(answer, _ANSWER)
        os.closerange(_FIRST_UNUSED, _MOST_OPEN)
        reader.limit_this_process(request["memory_bytes"], request["cpu_seconds"])
        with os.fdopen(_ANSWER, "wb") as out:
            out.write(reader.answer(request))
        status = 0
    except BaseException:  # noqa: BLE001 - a fork must never return into the loop of the warm process
        traceback.print_exc()
    finally:
        os._exit(status)


if __name__ == "__main__":
    main()
