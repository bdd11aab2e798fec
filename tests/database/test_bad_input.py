"""The command and the function where something is wrong: one line, a status, nothing half-changed."""

import os
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from census.adapters.postgres.connection import LoginRefusedError
from census.adapters.postgres.database import PostgresDatabase
from census.domain.errors import CensusError
from infra.local.postgres import OWNER
from migrations.schema_sql import SQL_FOLDER
from tests.database.catalogue import catalogue
from tests.database.servers import psql
from tests.database.tcp_servers import PASSWORD, asking_for_passwords
from tests.database.test_migrator import run, without_vector
from tests.postgres import PostgresServer

ROOT = Path(__file__).parents[2]


def command(url: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """`python -m migrations`, as `make migrate` runs it."""
    environment = {
        **os.environ,
        "DATABASE_URL": url,
        "VECTOR_STORE": "pgvector",
        "PYTHONPATH": ".:layers/core",
    }
    called = [sys.executable, "-m", "migrations", *(arguments or ("upgrade",))]
    return subprocess.run(
        called, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120, check=False
    )


def refused(url: str, told: str) -> None:
    """By the command and by the function's way alike."""
    done = command(url)
    assert (done.returncode, done.stdout) == (1, "")
    assert told in done.stderr
    assert done.stderr.count("\n") == 1, done.stderr
    with pytest.raises(CensusError) as raised:
        PostgresDatabase(url).migrate("pgvector", 300)
    assert str(raised.value) == done.stderr.strip()


@pytest.fixture(scope="module")
def scram_url() -> Iterator[str]:
    with asking_for_passwords() as url:
        yield url


def test_the_right_password_is_let_in_and_a_wrong_one_named_without_being_told(scram_url: str) -> None:
    assert command(scram_url, "current").stdout == "empty\n"

    refused(scram_url.replace(f":{PASSWORD}@", ":wr0ng@"), f"refuses the login {OWNER}")

    assert "wr0ng" not in command(scram_url.replace(f":{PASSWORD}@", ":wr0ng@")).stderr


def test_a_password_that_was_rotated_is_read_again_once(scram_url: str) -> None:
    reads: list[str] = []
    addresses = [scram_url.replace(f":{PASSWORD}@", ":old@"), scram_url]

    def secret() -> str:
        reads.append(addresses[min(len(reads), 1)])
        return reads[-1]

    database = PostgresDatabase(secret)
    with pytest.raises(LoginRefusedError):  # a secret read this moment is not read again
        database.engine.connect()
    with database.engine.connect():
        pass
    database.engine.dispose()
    assert len(reads) == 2


def test_a_database_that_does_not_exist_is_named(scram_url: str) -> None:
    refused(scram_url.replace("/d?", "/missing?"), 'database "missing" does not exist')


def test_a_server_that_is_not_there_is_named() -> None:
    refused("postgresql://a:b@127.0.0.1:1/c?sslmode=disable", "No PostgreSQL answers at 127.0.0.1:1")


def test_a_server_without_tls_is_refused_unless_it_is_waived(scram_url: str) -> None:
    refused(scram_url.replace("?sslmode=disable", ""), "does not speak TLS")


def half_applied(server: PostgresServer, url: str) -> str:
    assert psql(server, url, "-f", str(SQL_FOLDER / "2026_11_01_baseline.up.sql")).returncode == 0
    run(url, "DROP TABLE scraped_contents")
    return url


def too_far_ahead(server: PostgresServer, url: str) -> str:
    run(
        url,
        "CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)",
        "INSERT INTO alembic_version VALUES ('2099_01_01_future')",
        "COMMENT ON TABLE alembic_version IS 'Runs code from revision 2098_01_01_later on.'",
    )
    return url


def without_rights(server: PostgresServer, url: str) -> str:
    login = f"login_{uuid.uuid4().hex}"
    server.run(f"CREATE ROLE {login} LOGIN")
    return url.replace(OWNER, login)


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (half_applied, "the table scraped_contents is missing"),
        (too_far_ahead, "too far ahead of this release"),
        (without_rights, "may not create tables in the schema public"),
    ],
)
def test_a_database_that_cannot_be_migrated_is_left_as_it_is(
    postgres: PostgresServer, spoil: Callable[[PostgresServer, str], str], told: str
) -> None:
    url = postgres.empty()
    spoiled = spoil(postgres, url)
    before = catalogue(url)

    refused(spoiled, told)

    assert catalogue(url) == before
    postgres.drop(url)


def test_no_vector_extension_while_pgvector_is_chosen_leaves_the_database_empty(
    postgres: PostgresServer,
) -> None:
    url = without_vector(postgres)

    refused(url, "CREATE EXTENSION vector, or choose pinecone")

    assert catalogue(url) == set()
    postgres.drop(url)


def test_an_extension_too_old_for_the_searches_is_named(postgres: PostgresServer) -> None:
    url = postgres.empty()
    old = "UPDATE pg_extension SET extversion = '0.7.4' WHERE extname = 'vector'"
    postgres.run(old, url.partition("@/")[2].partition("?")[0])

    refused(url, "The extension vector is at 0.7.4, and Census needs 0.8 or newer")

    assert catalogue(url) == set()
    postgres.drop(url)
