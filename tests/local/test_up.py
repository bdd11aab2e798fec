"""`python -m infra.local up`, as a process: ready, stopped, killed, started again."""

import contextlib
import json
import os
import queue
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

import psutil
import pytest

from tests.local.rig import ROOT, TEMPLATE, WHEELS, Answer, eventually, fetch, is_gone

pytestmark = pytest.mark.stack


@dataclass
class Up:
    """A running `up`. `processes` lists what belongs to it, seen so far."""

    process: subprocess.Popen[str]
    data: Path
    url: str = ""
    errors: list[str] = field(default_factory=list)

    def functions(self) -> list[int]:
        return [row["pid"] for row in json.loads((self.data / "run" / "functions.json").read_text())]

    def get(self, path: str) -> Answer:
        return fetch(self.url + path)

    def end(self, number: signal.Signals) -> int:
        self.process.send_signal(number)
        return self.process.wait(timeout=30)


def command(data: Path, *, port: int = 0, **parameters: str) -> list[str]:
    pairs = {"RecordsFolder": str(data / "records"), **parameters}
    options = ["--template", str(TEMPLATE), "--wheels", str(WHEELS), "--data", str(data), "--port", str(port)]
    options += [f"--parameter={name}={value}" for name, value in pairs.items()]
    return [sys.executable, "-m", "infra.local", "up", *options]


def lines_of(stream: IO[str], into: "queue.Queue[str]") -> None:
    for line in stream:
        into.put(line)
    into.put("")


@contextlib.contextmanager
def up(data: Path, **parameters: str) -> Iterator[Up]:
    (data / "records").mkdir(parents=True, exist_ok=True)
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    environment.pop("DATABASE_URL", None)
    with (data / "stderr.log").open("a") as errors:
        process = subprocess.Popen(
            command(data, **parameters),
            cwd=ROOT,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        )
    assert process.stdout is not None
    lines: queue.Queue[str] = queue.Queue()
    threading.Thread(target=lines_of, args=(process.stdout, lines), daemon=True).start()
    try:
        line = lines.get(timeout=60)
        assert line.startswith("ready http://127.0.0.1:"), (data / "stderr.log").read_text()
        yield Up(process, data, line.split()[1])
    finally:
        if process.poll() is None:
            process.terminate()
            process.wait(timeout=30)


def refused(data: Path, *, port: int = 0, **parameters: str) -> tuple[int, list[str]]:
    """Exit code and the lines of standard error that are no progress."""
    (data / "records").mkdir(parents=True, exist_ok=True)
    done = subprocess.run(
        command(data, port=port, **parameters),
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.stdout == ""
    return done.returncode, [line for line in done.stderr.splitlines() if line.startswith("error")]


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("up")


def postmaster(data: Path) -> int:
    return int((data / "postgres" / "postmaster.pid").read_text().split()[0])


def test_sigterm_ends_everything_with_exit_code_0(data: Path) -> None:
    with up(data) as running:
        assert running.get("/health").status == 200
        children = [*running.functions(), postmaster(data)]
        assert running.end(signal.SIGTERM) == 0
    assert children
    assert all(is_gone(pid) for pid in children)


def test_a_killed_stack_leaves_no_function_and_starts_again_on_its_data(data: Path) -> None:
    with up(data) as running:
        running.get("/health")
        functions, server = running.functions(), postmaster(data)
        running.end(signal.SIGKILL)
        assert functions
        assert eventually(lambda: all(is_gone(pid) for pid in functions))
    with up(data) as again:
        assert again.get("/health").status == 200
        assert postmaster(data) == server
        assert again.end(signal.SIGINT) == 0
    assert is_gone(server)


def test_a_second_stack_on_the_same_data_is_refused_in_one_line(data: Path) -> None:
    with up(data):
        code, errors = refused(data)
    assert code == 2
    (line,) = errors
    assert f"another stack runs on {data}" in line


def test_a_port_in_use_is_refused_in_one_line(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        code, errors = refused(tmp_path, port=port)
    assert code == 2
    (line,) = errors
    assert f"port {port}" in line
    assert "choose another port" in line


def test_a_failing_migration_ends_the_start_with_the_functions_own_words(data: Path) -> None:
    before = {process.pid for process in psutil.process_iter() if process.name().startswith("postgres")}
    code, errors = refused(data, MigrationFails="yes")
    assert code == 1
    assert "revision 0007 cannot be applied" in errors[0]
    left = {
        process.pid for process in psutil.process_iter() if process.name().startswith("postgres")
    } - before
    assert all(is_gone(pid) for pid in left)
