"""One function process and the Runtime API it talks to.

The process runs AWS's own runtime client; its protocol is the Lambda Runtime API of 2018-06-01: the client
asks for the next event, which blocks until there is one, and posts the result or the error.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from infra.local.loopback_server import LoopbackServer, Request, Response

INIT_SECONDS = 60.0
"""How long a process may take to ask for its first event; AWS allows 10 s on faster disks."""
PAYLOAD_LIMIT = 6_291_556
"""Bytes of an event or a result, as Lambda has it for synchronous calls."""
JSON_TYPE = ("Content-Type", "application/json")


@dataclass(frozen=True)
class Outcome:
    """What an invocation came to: the payload as JSON text, and "Unhandled" when it is an error."""

    payload: bytes
    function_error: str | None = None

    @classmethod
    def failure(cls, error_type: str, message: str) -> Outcome:
        body = {"errorType": error_type, "errorMessage": message}
        return cls(json.dumps(body).encode(), "Unhandled")


@dataclass
class _Invocation:
    event: bytes
    request_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    started: threading.Event = field(default_factory=threading.Event)
    ended: threading.Event = field(default_factory=threading.Event)
    taken: bool = False
    outcome: Outcome | None = None

    def end(self, outcome: Outcome) -> None:
        """Keeps the first outcome: a late answer of a process already given up changes nothing."""
        if not self.ended.is_set():
            self.outcome = outcome
            self.ended.set()


class ProcessGoneError(Exception):
    """A warm process died before it took the event; another process can take it."""


@dataclass(frozen=True)
class ProcessSettings:
    """What a process of a function is started with."""

    name: str
    arn: str
    handler: str
    timeout_seconds: float
    folder: Path
    environment: Mapping[str, str]
    log: Path


class FunctionProcess:
    """A warm process; one invocation at a time. `lifeline` is the read end of the stack's pipe."""

    def __init__(self, settings: ProcessSettings, lifeline: int) -> None:
        self._settings = settings
        self._current: _Invocation | None = None
        self._offered = threading.Condition()
        self._stopping = False
        self._warm = False
        self.idle_since = time.monotonic()
        self._api = LoopbackServer(self._answer, name=f"runtime-{settings.name}")
        self._api.start()
        self._process = self._spawn(lifeline)
        threading.Thread(target=self._watch, name=f"watch-{settings.name}", daemon=True).start()

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def alive(self) -> bool:
        return not self._stopping and self._process.returncode is None

    def invoke(self, event: bytes) -> Outcome:
        """Hands the event over and waits; a process past the function's time-out is killed.

        Raises ProcessGoneError when a process that served before is found dead.
        """
        invocation = _Invocation(event)
        with self._offered:
            self._current = invocation
            self._offered.notify_all()
        if not self.alive:
            invocation.end(self._exit_error(invocation))
        outcome = self._wait(invocation)
        if self._warm and not invocation.taken:
            raise ProcessGoneError
        self._warm = True
        self.idle_since = time.monotonic()
        return outcome

    def kill(self) -> None:
        """SIGKILL for the process and whatever it started."""
        self._stopping = True
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)

    def stop(self) -> None:
        """Kills the process and returns when it is gone."""
        self.kill()
        self._process.wait()
        self._api.stop()

    def _spawn(self, lifeline: int) -> subprocess.Popen[bytes]:
        settings = self._settings
        script = Path(__file__).with_name("lifeline.py")
        python = getattr(sys, "_base_executable", sys.executable)
        environment = {**settings.environment, "AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{self._api.port}"}
        with settings.log.open("ab") as log:
            return subprocess.Popen(
                [python, "-S", "-P", str(script), str(lifeline), settings.handler],
                cwd=settings.folder,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                pass_fds=(lifeline,),
                start_new_session=True,
            )

    def _wait(self, invocation: _Invocation) -> Outcome:
        if not invocation.started.wait(INIT_SECONDS) and not invocation.ended.is_set():
            self.kill()
            invocation.end(
                Outcome.failure("Sandbox.Timedout", f"Init took longer than {INIT_SECONDS:.0f} seconds")
            )
        limit = self._settings.timeout_seconds
        if not invocation.ended.wait(limit):
            self.kill()
            message = f"{invocation.request_id} Task timed out after {limit:.2f} seconds"
            invocation.end(Outcome.failure("Sandbox.Timedout", f"{_timestamp()} {message}"))
        assert invocation.outcome is not None
        return invocation.outcome

    def _watch(self) -> None:
        self._process.wait()
        with self._offered:
            invocation = self._current
            self._offered.notify_all()
        if invocation:
            invocation.end(self._exit_error(invocation))
            invocation.started.set()
        # What the function itself started in its group dies with it.
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._api.stop()

    def _exit_error(self, invocation: _Invocation) -> Outcome:
        code = self._process.poll()
        how = (
            f"signal: {signal.Signals(-code).name}"
            if code is not None and code < 0
            else f"exit status {code}"
        )
        message = f"RequestId: {invocation.request_id} Error: Runtime exited with error: {how}"
        return Outcome.failure("Runtime.ExitError", message)

    def _answer(self, request: Request) -> Response:
        if request.path.endswith("/invocation/next"):
            return self._next_event()
        body = request.body.read()
        invocation = self._current
        if request.path.endswith("/init/error"):
            self._fail_init(body)
        elif invocation is None or f"/{invocation.request_id}/" not in request.path:
            return Response(400, b'{"errorType":"InvalidRequestID"}', [JSON_TYPE])
        elif request.path.endswith("/response"):
            self._finish(invocation, _within_limit(body))
        else:
            self._finish(invocation, Outcome(body, "Unhandled"))
        return Response(202, b'{"status":"OK"}', [JSON_TYPE])

    def _next_event(self) -> Response:
        with self._offered:
            self._offered.wait_for(lambda: self._current is not None or not self.alive)
            invocation = self._current
        if invocation is None or not self.alive:
            return Response(410)
        invocation.taken = True
        invocation.started.set()
        deadline = int((time.time() + self._settings.timeout_seconds) * 1000)
        headers = [
            ("Lambda-Runtime-Aws-Request-Id", invocation.request_id),
            ("Lambda-Runtime-Deadline-Ms", str(deadline)),
            ("Lambda-Runtime-Invoked-Function-Arn", self._settings.arn),
            ("Lambda-Runtime-Trace-Id", f"Root=1-{int(time.time()):08x}-{uuid.uuid4().hex[:24]};Sampled=0"),
            JSON_TYPE,
        ]
        return Response(200, invocation.event, headers)

    def _finish(self, invocation: _Invocation, outcome: Outcome) -> None:
        with self._offered:
            self._current = None
        invocation.end(outcome)

    def _fail_init(self, body: bytes) -> None:
        """The code could not be loaded; the process ends by itself and the waiting caller is told why."""
        self._stopping = True
        with self._offered:
            self._offered.wait_for(lambda: self._current is not None, timeout=5)
            invocation = self._current
        if invocation:
            invocation.end(Outcome(body, "Unhandled"))
            invocation.started.set()


def _within_limit(payload: bytes) -> Outcome:
    if len(payload) <= PAYLOAD_LIMIT:
        return Outcome(payload)
    message = f"Response payload size exceeded maximum allowed payload size ({PAYLOAD_LIMIT} bytes)."
    return Outcome.failure("Function.ResponseSizeTooLarge", message)


def _timestamp() -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime())
