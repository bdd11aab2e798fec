"""The whole application on one machine, from its template. See design.md, section 7, "One machine"."""

from __future__ import annotations

import contextlib
import fcntl
import json
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import IO, TYPE_CHECKING, Any

from infra.local.counters import Counters
from infra.local.folders import Folders
from infra.local.http_gateway import HttpGateway
from infra.local.postgres import EmbeddedPostgres

if TYPE_CHECKING:
    from infra.local.cloud import Cloud

LOCAL_PARAMETERS = {
    "TenantClaim": "tenant",
    # What a deployment has to say, and one machine does without.
    "DatabaseSecretArn": "",
    "TokenIssuer": "https://local.census",
    "TokenAudience": "census",
    "AlarmEmail": "nobody@localhost",
}
MIGRATE = "MigrateDatabase"
DRAIN_SECONDS = 2.0


class StackError(Exception):
    """The stack cannot run: what is wrong and what to do, in one line."""


class LocalStack:
    """Serves `template` with its data under `data`; use as a context manager or with start() and stop().

    `port` 0 takes a free one; `parameters` override the template's; `environment` is added to that of every
    function (DATABASE_URL there means that no PostgreSQL is started). `report` gets one line a step. A
    process holds one running stack at a time, because moto's state is the process's.
    """

    def __init__(
        self,
        template: Path,
        data: Path,
        port: int = 0,
        parameters: Mapping[str, str] | None = None,
        environment: Mapping[str, str] | None = None,
        *,
        folders: Folders | None = None,
        report: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._template = template.resolve()
        self._data = data.resolve()
        self._port = port
        self._parameters = dict(parameters or {})
        self._environment = dict(environment or {})
        self._folders = folders or Folders.of_repository(self._template.parent, self._data / "run")
        self._report = report
        self._closing = contextlib.ExitStack()
        self._stop_lock = threading.Lock()
        self._cloud: Cloud | None = None
        self._gateway: HttpGateway | None = None
        self.database_url = self._environment.get("DATABASE_URL", "")
        self.counters = Counters()

    def start(self) -> None:
        """Returns when it serves. Raises StackError, TemplateError, PostgresError, PortInUseError."""
        try:
            self._start()
        except BaseException:
            self.stop()
            raise

    def _start(self) -> None:
        for folder in ("run", "logs", "objects"):
            (self._data / folder).mkdir(parents=True, exist_ok=True)
            (self._data / folder).chmod(0o700)  # documents and logs are their owner's alone
        self._closing.enter_context(_exclusive(self._data / "run" / "lock"))
        self._gateway = HttpGateway(self._port)
        self._closing.callback(self._gateway.stop)
        with ThreadPoolExecutor(1) as beside:
            database = beside.submit(self._start_database)
            deployment = self._translate()
            cloud = self._deploy(deployment, database)
        self._migrate(cloud)
        cloud.start_work()
        self._gateway.start(cloud.deployment.routes, cloud.functions)
        _await_answer(f"{self._gateway.url}/health")
        self._report(f"serving {self._gateway.url}")

    def _start_database(self) -> str:
        if self.database_url:
            return self.database_url
        postgres = EmbeddedPostgres(self._data / "postgres")
        self._closing.callback(postgres.stop)
        self.database_url = postgres.start()
        self._report("PostgreSQL runs")
        return self.database_url

    def _translate(self) -> dict[str, Any]:
        from infra.local.template import load, translate

        template = load(self._template)
        declared = template.get("Parameters", {})
        local = {name: value for name, value in LOCAL_PARAMETERS.items() if name in declared}
        self._parameters = {**local, **self._parameters}
        translated = translate(template, self._parameters)
        self._report("template translated")
        return translated

    def _deploy(self, translated: dict[str, Any], database: Future[str]) -> Cloud:
        from infra.local.cloud import Cloud

        cloud = Cloud(translated, self._parameters, self._folders, self._data, self.counters)
        self._closing.callback(cloud.stop, DRAIN_SECONDS)
        self._cloud = cloud
        self._report(
            f"{len(cloud.deployment.functions)} functions deployed, {cloud.load_objects()} objects loaded"
        )
        cloud.start({**self._environment, "DATABASE_URL": database.result()})
        return cloud

    def _migrate(self, cloud: Cloud) -> None:
        if MIGRATE not in cloud.deployment.functions:
            return
        outcome = cloud.functions.invoke(MIGRATE, json.dumps({"action": "migrate"}).encode())
        if outcome.function_error:
            raise StackError(f"{MIGRATE} failed: {outcome.payload.decode('utf-8', 'replace')}")
        self._report("schema is up to date")

    def stop(self) -> None:
        """Ends every part and every process, in the order opposite to the start; safe to call twice."""
        with self._stop_lock:
            self._closing.close()

    def __enter__(self) -> LocalStack:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def url(self) -> str:
        """Where the HTTP API answers, as http://127.0.0.1:PORT."""
        if self._gateway is None:
            raise StackError("the stack was not started")
        return self._gateway.url

    @property
    def cloud(self) -> Cloud:
        """Functions, queues, state machines and the AWS endpoint, for tests that look inside."""
        if self._cloud is None:
            raise StackError("the stack was not started")
        return self._cloud


def _await_answer(url: str) -> None:
    """Any answer will do: it shows that a request finds its way, and leaves a warm process behind."""
    with contextlib.suppress(urllib.error.HTTPError), urllib.request.urlopen(url, timeout=60) as answer:
        answer.read()


@contextlib.contextmanager
def _exclusive(path: Path) -> Any:
    """Holds the data folder; raises StackError when another stack does."""
    file: IO[str] = path.open("a")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        file.close()
        folder = path.parent.parent
        raise StackError(
            f"another stack runs on {folder}; stop it, or use another folder (DATA=…)"
        ) from error
    try:
        yield
    finally:
        file.close()


def to_stderr(line: str) -> None:
    """Prints one line of progress."""
    print(line, file=sys.stderr, flush=True)
