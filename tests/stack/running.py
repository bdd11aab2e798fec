"""The stack as a person runs it: a process of its own, started, stopped, killed, and looked into by pid."""

import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, TYPE_CHECKING

import boto3
import psutil

from infra.local.deployment import ACCESS_KEY, REGION, SECRET_KEY
from infra.local.postgres import DATABASE, OWNER
from tests.stack.processes import is_gone, sessions_of

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_stepfunctions import SFNClient

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 120.0
STOP_SECONDS = 45.0
READY = "ready http://127.0.0.1:"
CALLERS_OWN = (
    *("DATABASE_URL", "OPENAI_API_KEY", "OPENAI_BASE_URL"),
    *("VECTOR_STORE", "PINECONE_HOST", "PINECONE_API_KEY"),
)
Services = Mapping[str, str]
"""What the caller's environment says of services outside of the stack."""


@dataclass
class RunningStack:
    """A stack that serves `url` with its data under `data`."""

    process: subprocess.Popen[str]
    data: Path
    url: str
    seconds_to_ready: float
    seen: set[int] = field(default_factory=set)
    """Pids of whatever belonged to the stack when it was looked at."""

    def pids(self, function: str) -> list[int]:
        """The live processes of one function."""
        return [pid for name, pid in self._functions() if name == function]

    def look(self) -> set[int]:
        """Everything that belongs to the stack now, the database included; `seen` keeps it."""
        own = {self.process.pid, *(pid for _, pid in self._functions())}
        self.seen |= sessions_of(own) | own | self.database_pids()
        return self.seen

    def database_pids(self) -> set[int]:
        """The database server and its processes."""
        server = int((self.data / "postgres" / "postmaster.pid").read_text().split()[0])
        return {server, *(child.pid for child in psutil.Process(server).children(recursive=True))}

    def _functions(self) -> list[tuple[str, int]]:
        rows = json.loads((self.data / "run" / "functions.json").read_text())
        return [(row["function"], row["pid"]) for row in rows]

    @property
    def database_url(self) -> str:
        """For a look behind the interface, as the owner of the tables."""
        lines = (self.data / "postgres" / "postmaster.pid").read_text().splitlines()
        socket = f"{lines[4].strip()}/.s.PGSQL.{lines[3].strip()}"
        return f"postgresql+pg8000://{OWNER}@/{DATABASE}?unix_sock={socket}"

    @property
    def errors(self) -> str:
        """What the stack wrote to standard error in all its runs on this data."""
        return (self.data / "stderr.log").read_text("utf-8", "replace")

    def sqs(self) -> "SQSClient":
        """A client of the stack's own SQS."""
        return _session().client("sqs", endpoint_url=self._endpoint())

    def states(self) -> "SFNClient":
        """A client of the stack's own Step Functions."""
        return _session().client("stepfunctions", endpoint_url=self._endpoint())

    def _endpoint(self) -> str:
        """Where functions find the cloud; only they are told."""
        pid = self.pids("ServeApi")[0]
        return psutil.Process(pid).environ()["AWS_ENDPOINT_URL"]

    def states_entered(self, job_id: str) -> list[list[str]]:
        """The states that each execution of a job entered, oldest execution first."""
        client = self.states()
        (machine,) = client.list_state_machines()["stateMachines"]
        executions = client.list_executions(stateMachineArn=machine["stateMachineArn"])["executions"]
        arns = sorted(row["executionArn"] for row in executions if row["name"].startswith(job_id))
        return [_entered(client, arn) for arn in arns]

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Ends the stack in order; its exit code."""
        self.look()
        self.process.send_signal(number)
        return self.process.wait(timeout=STOP_SECONDS)

    def kill(self) -> set[int]:
        """SIGKILL for the stack's process group; what was running. Only the database survives that."""
        running = self.look()
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(timeout=STOP_SECONDS)
        return running

    def kill_database(self) -> None:
        """SIGKILL for the database server and its processes, as a power cut would."""
        for pid in self.database_pids():
            if not is_gone(pid):
                os.kill(pid, signal.SIGKILL)


def _entered(client: "SFNClient", arn: str) -> list[str]:
    pages = client.get_paginator("get_execution_history").paginate(executionArn=arn)
    details = (event.get("stateEnteredEventDetails") for page in pages for event in page["events"])
    return [detail["name"] for detail in details if detail]


def _session() -> boto3.Session:
    return boto3.Session(ACCESS_KEY, SECRET_KEY, region_name=REGION)


def up_command(data: Path, **parameters: str) -> list[str]:
    """What `make up` runs, on a free port; `parameters` are the template's."""
    options = [f"--parameter={name}={value}" for name, value in parameters.items()]
    return [sys.executable, "-m", "infra.local", "up", "--port", "0", "--data", str(data), *options]


@contextmanager
def running_stack(data: Path, model_url: str | None = None, **parameters: str) -> Iterator[RunningStack]:
    """Start the stack in a session of its own, wait until it is ready, stop it when the block ends.

    `model_url`: an OpenAI-compatible server; without one the lexical model answers.
    """
    with stopping(start_stack(up_command(data, **parameters), data, model_url)) as stack:
        yield stack


@contextmanager
def stopping(stack: RunningStack) -> Iterator[RunningStack]:
    """Nothing stays running after the block, whatever happened in it."""
    try:
        yield stack
    finally:
        if stack.process.poll() is None:
            try:
                stack.stop()
            except BaseException:
                os.killpg(stack.process.pid, signal.SIGKILL)
                stack.kill_database()
                raise


def start_stack(
    command: list[str], data: Path, model_url: str | None = None, services: Services | None = None
) -> RunningStack:
    """The stack once it printed that it is ready; ended again if it never does."""
    data.mkdir(parents=True, exist_ok=True)
    began = time.monotonic()
    with (data / "stderr.log").open("a") as errors:
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env={**environment(model_url), **(services or {})},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            start_new_session=True,
        )
    try:
        line = _first_line(process)
        assert line.startswith(READY), f"{line!r}; {(data / 'stderr.log').read_text()}"
    except BaseException:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(timeout=STOP_SECONDS)
        raise
    return RunningStack(process, data, line.split()[1], time.monotonic() - began)


def environment(model_url: str | None) -> Mapping[str, str]:
    """The caller's environment without what would lead the stack to services of the caller's own."""
    own = {name: value for name, value in os.environ.items() if name not in CALLERS_OWN}
    model = {"OPENAI_API_KEY": "test", "OPENAI_BASE_URL": model_url} if model_url else {}
    return {**own, **model, "PYTHONPATH": f"{ROOT}:{ROOT / 'layers' / 'core'}"}


def _first_line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    lines: queue.Queue[str] = queue.Queue()
    threading.Thread(target=_read, args=(process.stdout, lines), daemon=True).start()
    try:
        return lines.get(timeout=START_SECONDS)
    except queue.Empty:
        return f"nothing printed for {START_SECONDS:.0f} s"


def _read(stream: IO[str], lines: "queue.Queue[str]") -> None:
    """To the end, so that the stack never waits for a full pipe."""
    with stream:
        for line in stream:
            lines.put(line)
    lines.put("")
