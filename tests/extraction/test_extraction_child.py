"""A child process always ends, within its time and its output, and takes its group with it."""

import os
import signal
import sys
import time
from pathlib import Path

from census.adapters.extraction_child import ChildEnd, run_child


def run(
    program: str, *, seconds: float = 60.0, max_output: int = 1_000_000, request: bytes = b""
) -> ChildEnd:
    return run_child(
        [sys.executable, "-S", "-c", program],
        {"GREETING": "hello"},
        request,
        deadline=time.monotonic() + seconds,
        max_output=max_output,
    )


def test_it_reads_the_request_and_its_output_comes_back_whole() -> None:
    end = run("import sys; sys.stdout.write(sys.stdin.read() * 100_000)", request=b"abc")
    assert (end.status, end.output) == (0, b"abc" * 100_000)


def test_it_sees_the_given_environment_and_no_other() -> None:
    end = run("import os; print(sorted(set(os.environ) - {'LC_CTYPE'}))")
    assert end.output == b"['GREETING']\n"


def test_it_is_ended_at_the_deadline() -> None:
    started = time.monotonic()
    end = run("import time; time.sleep(600)", seconds=0.4)
    assert end.timed_out
    assert end.status is None
    assert time.monotonic() - started < 60


def test_it_is_ended_at_the_deadline_though_it_closed_its_pipes() -> None:
    end = run("import os, time; os.close(1); os.close(2); time.sleep(600)", seconds=0.4)
    assert end.timed_out


def test_it_is_ended_when_it_writes_too_much() -> None:
    end = run("while True: print('x' * 100_000)", max_output=1_000_000)
    assert end.overflowed
    assert len(end.output) < 2_000_000


def test_a_flood_of_complaints_is_read_and_forgotten() -> None:
    end = run("import sys; sys.stderr.write('x' * 5_000_000 + ' the last word'); print('done')")
    assert end.output == b"done\n"
    assert end.complaint.endswith("the last word")
    assert len(end.complaint) <= 4096


def test_a_signal_shows_in_the_status() -> None:
    assert run("import os; os.abort()").status == -signal.SIGABRT


def test_an_exit_code_shows_in_the_status() -> None:
    assert run("raise SystemExit(7)").status == 7


def test_a_child_that_never_reads_its_request_is_no_error() -> None:
    assert run("raise SystemExit(3)", request=b"x" * 60_000).status == 3


def test_what_it_started_ends_with_it(tmp_path: Path) -> None:
    note = tmp_path / "grandchild"
    program = (
        "import os, time, pathlib\n"
        "if os.fork() == 0:\n"
        "    [os.close(fd) for fd in (0, 1, 2)]\n"
        f"    pathlib.Path({str(note)!r}).write_text(str(os.getpid()))\n"
        "    time.sleep(600)\n"
        f"while not pathlib.Path({str(note)!r}).exists(): time.sleep(0.01)\n"
        "time.sleep(0.1)"
    )
    assert run(program).status == 0
    assert is_gone(int(note.read_text()))


def is_gone(pid: int) -> bool:
    """Tell whether a process is dead; a dead one that its new parent has not reaped yet counts."""
    for _ in range(3_000):
        try:
            os.kill(pid, 0)
            state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
        except (ProcessLookupError, FileNotFoundError):
            return True
        if state == "Z":
            return True
        time.sleep(0.02)
    return False
