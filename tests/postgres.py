"""Real Postgres for tests: one server a test process, one migrated template, a fresh clone a database.

Ask for `database_url` (a clone of its own for the test), or call `postgres.clone()` for a module's own.
"""

import shutil
import tempfile
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pg8000.native
import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine, make_url

from infra.local.postgres import DATABASE, OWNER, EmbeddedPostgres

MIGRATIONS = Path(__file__).parents[1] / "migrations"


@dataclass(frozen=True)
class PostgresServer:
    """A running server. The database named by `infra.local.postgres.DATABASE` is migrated and stays empty."""

    socket: str

    def url(self, name: str) -> str:
        """The URL of a database as its owner, who is no superuser."""
        return f"postgresql+pg8000://{OWNER}@/{name}?unix_sock={self.socket}"

    def run(self, statement: str, database: str = "postgres") -> None:
        """Runs one statement as the superuser, in autocommit."""
        connection = pg8000.native.Connection("postgres", database=database, unix_sock=self.socket)
        try:
            connection.run(statement)
        finally:
            connection.close()

    def clone(self) -> str:
        """Makes a fresh migrated database and returns its URL; takes about a tenth of a second."""
        name = f"test_{uuid.uuid4().hex}"
        self.run(f"CREATE DATABASE {name} TEMPLATE {DATABASE} OWNER {OWNER} STRATEGY FILE_COPY")
        return self.url(name)

    def empty(self) -> str:
        """Makes a database with the vector extension and nothing else, for tests of migrations."""
        name = f"empty_{uuid.uuid4().hex}"
        self.run(f"CREATE DATABASE {name} TEMPLATE {self._bare} OWNER {OWNER} STRATEGY FILE_COPY")
        return self.url(name)

    @cached_property
    def _bare(self) -> str:
        """A database with the extension, made once: making the extension takes twice as long as a copy."""
        name = f"bare_{uuid.uuid4().hex}"
        self.run(f"CREATE DATABASE {name} OWNER {OWNER}")
        self.run("CREATE EXTENSION vector", name)
        return name

    def drop(self, url: str) -> None:
        """Drops a database whoever is still connected to it."""
        self.run(f"DROP DATABASE IF EXISTS {make_url(url).database} WITH (FORCE)")


def migration_config() -> Config:
    """Alembic's configuration; the connection goes into its `attributes`."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("path_separator", "os")
    return config


def migrate(url: str, revision: str = "head") -> None:
    """Brings the database at `url` up to a revision."""
    engine = create_engine(url)
    config = migration_config()
    with engine.connect() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
        connection.commit()
    engine.dispose()


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A server of this test process alone, in a folder of its own that goes with it."""
    # Unix socket paths are short and another OS user serves them: pytest's own folders are too deep.
    folder = Path(tempfile.mkdtemp(prefix="census-test-"))
    embedded = EmbeddedPostgres(folder / "data")
    try:
        url = embedded.start()
        server = PostgresServer(url.rpartition("unix_sock=")[2])
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            server.run(f"ALTER SYSTEM SET {setting} = off")
        server.run("SELECT pg_reload_conf()")
        migrate(url)
        yield server
    finally:
        embedded.stop()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def database_url(postgres: PostgresServer) -> Iterator[str]:
    """A migrated database of this test alone."""
    url = postgres.clone()
    yield url
    postgres.drop(url)
