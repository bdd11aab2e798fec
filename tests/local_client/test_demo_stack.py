"""Starting and stopping a stack, tried with small programs in its place."""

import os
import sys
import time
from pathlib import Path

import pytest

from infra.local.client_errors import StackUnreachableError
from infra.local.demo_stack import StackDownError, StackStopError, running_stack, stack_command
from tests.local.rig import eventually, is_gone

START = "import os, signal, sys, time; from pathlib import Path; print('starting', flush=True)"
ENDS_ON_TERM = "signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))"
SAYS_READY = "print('ready http://127.0.0.1:1', flush=True)"
WAITS = "time.sleep(600)"


def program(*steps: str) -> list[str]:
    """A command that does one step after the other."""
    return [sys.executable, "-c", "; ".join((START, *steps))]


def writes_pid(path: Path) -> str:
    return f"Path({str(path)!r}).write_text(str(os.getpid()))"


def is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_the_address_is_the_one_the_stack_said(tmp_path: Path) -> None:
    with running_stack(program(ENDS_ON_TERM, SAYS_READY, WAITS), tmp_path / "stack.log") as url:
        assert url == "http://127.0.0.1:1"


def test_the_stack_is_stopped_in_order_when_the_block_ends(tmp_path: Path) -> None:
    note_the_end = f"import atexit; atexit.register(Path({str(tmp_path / 'ended')!r}).touch)"
    with running_stack(program(note_the_end, ENDS_ON_TERM, SAYS_READY, WAITS), tmp_path / "log"):
        assert not (tmp_path / "ended").exists()
    assert (tmp_path / "ended").exists()


def test_the_stack_is_stopped_when_the_block_fails(tmp_path: Path) -> None:
    command = program(writes_pid(tmp_path / "pid"), ENDS_ON_TERM, SAYS_READY, WAITS)
    with pytest.raises(ValueError, match="demo bug"), running_stack(command, tmp_path / "log"):
        raise ValueError("demo bug")
    assert not is_running(int((tmp_path / "pid").read_text()))


def test_a_stack_that_ends_at_once_shows_its_last_words(tmp_path: Path) -> None:
    command = program("sys.exit('Port 8080 is taken. Try: make up PORT=8081')")
    with (
        pytest.raises(StackDownError, match=r"exit code 1(?s:.*)Port 8080 is taken\. Try: make up PORT=8081"),
        running_stack(command, tmp_path / "log"),
    ):
        pass


def test_a_stack_that_stays_silent_is_not_waited_for_for_ever(tmp_path: Path) -> None:
    with (
        pytest.raises(StackDownError, match=r"not ready after 0 s"),
        running_stack(program(WAITS), tmp_path / "log", start_seconds=0.3),
    ):
        pass


def test_a_stack_that_dies_during_the_demo_is_what_the_error_is_about(tmp_path: Path) -> None:
    command = program(writes_pid(tmp_path / "pid"), SAYS_READY, "sys.exit('out of memory')")
    with (
        pytest.raises(StackDownError, match=r"ended by itself \(exit code 1\)(?s:.*)out of memory"),
        running_stack(command, tmp_path / "log"),
    ):
        lose_the_stack(int((tmp_path / "pid").read_text()))


def lose_the_stack(pid: int) -> None:
    """What a client meets when the stack has just died."""
    assert eventually(lambda: is_gone(pid))
    raise StackUnreachableError("http://127.0.0.1:1")


def wait_for(log: Path, text: str) -> None:
    deadline = time.monotonic() + 60
    while text not in log.read_text() and time.monotonic() < deadline:
        time.sleep(0.02)
    assert text in log.read_text()


def test_a_stack_that_ignores_sigterm_is_killed_and_reported(tmp_path: Path) -> None:
    deaf = "signal.signal(signal.SIGTERM, signal.SIG_IGN)"
    with (
        pytest.raises(StackStopError, match="did not stop within 0 s"),
        running_stack(
            program(deaf, writes_pid(tmp_path / "pid"), SAYS_READY, WAITS), tmp_path / "log", stop_seconds=0.3
        ),
    ):
        pass
    assert not is_running(int((tmp_path / "pid").read_text()))


def test_a_talkative_stack_does_not_block_on_its_output(tmp_path: Path) -> None:
    talks = "print('x' * 1_000_000, flush=True); print('said it all', file=sys.stderr, flush=True)"
    with running_stack(program(ENDS_ON_TERM, SAYS_READY, talks, WAITS), tmp_path / "log"):
        wait_for(tmp_path / "log", "said it all")


def test_the_demo_runs_what_make_up_runs(tmp_path: Path) -> None:
    command = stack_command(8123, tmp_path)
    assert command[1:] == ["-m", "infra.local", "up", "--port", "8123", "--data", str(tmp_path)]
