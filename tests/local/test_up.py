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
from typing import IO, TYPE_CHECKING

import pytest

from tests.data_folder import data_folder
from tests.local.rig import BUCKET, ROOT, TEMPLATE, WHEELS, Answer, eventually, fetch, is_gone, session

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

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

    def s3(self) -> "S3Client":
        return session().client("s3", endpoint_url=self.get("/endpoint").body.decode())

    def end(self, number: signal.Signals) -> int:
        self.process.send_signal(number)
        return self.process.wait(timeout=90)


def command(data: Path, port: int = 0, **parameters: str) -> list[str]:
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
            command(data, 0, **parameters),
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
        line = lines.get(timeout=120)
        assert line.startswith("ready http://127.0.0.1:"), (data / "stderr.log").read_text()
        yield Up(process, data, line.split()[1])
    finally:
        if process.poll() is None:
            process.terminate()
            process.wait(timeout=90)


def refused(data: Path, *, port: int = 0, **parameters: str) -> tuple[int, list[str]]:
    """Exit code and the lines of standard error that are no progress."""
    (data / "records").mkdir(parents=True, exist_ok=True)
    done = subprocess.run(
        command(data, port, **parameters),
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    assert done.stdout == ""
    return done.returncode, [line for line in done.stderr.splitlines() if line.startswith("error")]


@pytest.fixture(scope="module")
def data() -> Iterator[Path]:
    with data_folder() as folder:
        yield folder


def postmaster(data: Path) -> int:
    return int((data / "postgres" / "postmaster.pid").read_text().split()[0])


def test_a_killed_stack_leaves_no_function_behind(data: Path) -> None:
    with up(data) as running:
        assert running.get("/health").status == 200
        functions, s3 = running.functions(), running.s3()
        s3.put_object(Bucket=BUCKET, Key="a/b c", Body=b"one", ContentType="text/plain")
        s3.put_object(Bucket=BUCKET, Key="a/b c", Body=b"two", Metadata={"origin": "test"})
        s3.put_object(Bucket=BUCKET, Key="gone", Body=b"x")
        s3.delete_object(Bucket=BUCKET, Key="gone")
        running.end(signal.SIGKILL)
        assert functions
        assert eventually(lambda: all(is_gone(pid) for pid in functions))


def test_documents_and_logs_are_their_owners_alone(data: Path) -> None:
    modes = [(data / folder).stat().st_mode & 0o777 for folder in ("run", "logs", "objects")]
    assert modes == [0o700] * 3


def check_objects(s3: "S3Client") -> None:
    """What was acknowledged before the kill is there, in all versions."""
    newest = s3.get_object(Bucket=BUCKET, Key="a/b c")
    assert (newest["Body"].read(), newest["Metadata"]) == (b"two", {"origin": "test"})
    versions = s3.list_object_versions(Bucket=BUCKET, Prefix="a/")["Versions"]
    assert [row["IsLatest"] for row in versions] == [True, False]
    old = s3.get_object(Bucket=BUCKET, Key="a/b c", VersionId=versions[1]["VersionId"])
    assert (old["Body"].read(), old["ContentType"]) == (b"one", "text/plain")
    assert [row["Key"] for row in s3.list_objects_v2(Bucket=BUCKET)["Contents"]] == ["a/b c"]


def test_the_next_start_adopts_database_and_objects_and_sigterm_ends_everything(data: Path) -> None:
    server = postmaster(data)
    assert not is_gone(server)
    with up(data) as running:
        assert running.get("/health").status == 200
        assert postmaster(data) == server
        check_objects(running.s3())
        code, errors = refused(data)
        assert code == 2
        assert errors == [f"error: another stack runs on {data}; stop it, or use another folder (DATA=…)"]
        functions = running.functions()
        assert running.end(signal.SIGTERM) == 0
    assert all(is_gone(pid) for pid in [server, *functions])


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


def test_a_number_that_is_no_port_is_refused_with_the_range(tmp_path: Path) -> None:
    done = subprocess.run(
        command(tmp_path, 99_999), cwd=ROOT, capture_output=True, text=True, timeout=180, check=False
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert "choose one from 1 to 65535" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_folder_that_cannot_be_made_is_refused_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    done = subprocess.run(
        command(tmp_path / "file" / "data"),
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    assert done.returncode == 2
    (line,) = [line for line in done.stderr.splitlines() if line.startswith("error")]
    assert "DATA=" in line


def test_a_failing_migration_ends_the_start_with_the_functions_own_words(data: Path) -> None:
    code, errors = refused(data, MigrationFails="yes")
    assert code == 1
    assert "revision 0007 cannot be applied" in errors[0]
    assert not (data / "postgres" / "postmaster.pid").exists()
