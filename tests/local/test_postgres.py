"""The embedded server: a role without power, and a start after every kind of end."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pg8000.native
import pytest

from infra.local.postgres import EmbeddedPostgres
from tests.data_folder import data_folder
from tests.local.rig import eventually, is_gone


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    # Deep enough that the socket cannot lie among the data (a path of a socket has about 100 characters).
    with data_folder() as root:
        deep = root / ("long-name-" * 6) / ("long-name-" * 6)
        deep.mkdir(parents=True)
        yield deep / "data"


@pytest.fixture
def server(folder: Path) -> Iterator[EmbeddedPostgres]:
    server = EmbeddedPostgres(folder)
    server.start()
    yield server
    server.stop()


def connect(server: EmbeddedPostgres) -> pg8000.native.Connection:
    socket = server.url.partition("unix_sock=")[2]
    return pg8000.native.Connection("census_owner", database="census", unix_sock=socket)


def postmaster(folder: Path) -> int:
    return int((folder / "postmaster.pid").read_text().split()[0])


def test_the_owner_is_no_superuser_and_has_vectors(server: EmbeddedPostgres) -> None:
    connection = connect(server)
    (row,) = connection.run(
        "SELECT rolsuper, rolbypassrls, rolcreaterole FROM pg_roles WHERE rolname = current_user"
    )
    assert row == [False, False, True]
    assert connection.run("SELECT '[1,2]'::vector <-> '[1,2]'::vector") == [[0.0]]
    assert connection.run("SHOW fsync") == [["on"]]
    connection.run("CREATE TABLE IF NOT EXISTS kept (id int)")
    connection.run("INSERT INTO kept VALUES (1)")
    connection.close()


def test_a_second_start_finds_the_data(server: EmbeddedPostgres) -> None:
    connection = connect(server)
    assert connection.run("SELECT count(*) FROM kept") == [[1]]
    connection.close()


def test_stop_leaves_no_process(folder: Path) -> None:
    server = EmbeddedPostgres(folder)
    server.start()
    pid = postmaster(folder)
    server.stop()
    assert is_gone(pid)


def test_a_server_left_running_is_adopted(folder: Path) -> None:
    EmbeddedPostgres(folder).start()
    pid = postmaster(folder)
    again = EmbeddedPostgres(folder)
    again.start()
    assert postmaster(folder) == pid
    again.stop()
    assert is_gone(pid)


def test_a_killed_server_starts_again(folder: Path) -> None:
    EmbeddedPostgres(folder).start()
    pid = postmaster(folder)
    os.kill(pid, signal.SIGKILL)
    assert eventually(lambda: is_gone(pid))
    server = EmbeddedPostgres(folder)
    server.start()
    connection = connect(server)
    assert connection.run("SELECT count(*) FROM kept") == [[1]]
    connection.close()
    server.stop()


def test_a_pid_file_that_names_another_program_does_not_matter(folder: Path) -> None:
    (folder / "postmaster.pid").write_text(f"{os.getpid()}\n{folder}\n1\n5432\n{folder}\n\n0 0\nready\n")
    server = EmbeddedPostgres(folder)
    server.start()
    connection = connect(server)
    assert connection.run("SELECT 1") == [[1]]
    connection.close()
    server.stop()
