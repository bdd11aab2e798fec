"""Migrations whose connection or server goes away: told in one line, and ended by the next run."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pg8000.native
import pytest
from pg8000.exceptions import DatabaseError
from sqlalchemy import NullPool, create_engine, make_url, text

from census.adapters.postgres.migrator import MigrationError, migrate, roll_back
from migrations.__main__ import main
from tests.database.catalogue import catalogue, in_substance
from tests.database.test_migrator import BASELINE, HEAD, STATUS, run, to_head
from tests.postgres import PostgresServer


class Assassin:
    """The superuser, who waits for a moment and then ends all our connections to the database."""

    def __init__(self, server: PostgresServer, url: str) -> None:
        self._name = str(make_url(url).database)
        self._connection = pg8000.native.Connection("postgres", database=self._name, unix_sock=server.socket)

    def strike_when(self, question: str, seconds: float = 60) -> None:
        """As soon as the SQL `question` is answered with true."""
        give_up_at = time.monotonic() + seconds
        while not self._holds(question):
            assert time.monotonic() < give_up_at, f"never came: {question}"
            time.sleep(0.003)
        self._connection.run(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND application_name = 'census'"
        )
        self._connection.close()

    def _holds(self, question: str) -> bool:
        try:
            return bool(self._connection.run(question)[0][0])
        except DatabaseError:  # of a table that is not there yet
            return False


AT = "SELECT max(version_num) {0} FROM alembic_version"
INVALID = "SELECT count(*) = {0} FROM pg_index WHERE NOT indisvalid"


def ended(action: Callable[[], object]) -> str:
    """What is told of an action that cannot end well."""
    with pytest.raises(MigrationError) as told:
        action()
    assert "\n" not in str(told.value)
    return str(told.value)


@pytest.mark.parametrize("revision", [BASELINE, STATUS, "2026_11_17_monitoring"])
def test_a_migration_cut_off_is_ended_by_the_next_one(
    server: PostgresServer, empty_url: str, migrated_url: str, revision: str
) -> None:
    with ThreadPoolExecutor(1) as thread:
        struck = thread.submit(Assassin(server, empty_url).strike_when, AT.format(f">= '{revision}'"))
        told = ended(lambda: to_head(empty_url))
        struck.result()

    assert told.startswith("The connection was lost")
    assert "run it again" in told
    assert to_head(empty_url).after == HEAD
    assert catalogue(empty_url) == catalogue(migrated_url)


def test_a_rollback_cut_off_is_ended_by_the_next_one(
    server: PostgresServer, migrated_url: str, empty_url: str
) -> None:
    migrate(empty_url, vector_store="any", target=STATUS)
    with ThreadPoolExecutor(1) as thread:
        struck = thread.submit(Assassin(server, migrated_url).strike_when, AT.format("< '2026_11_17'"))
        told = ended(lambda: roll_back(migrated_url, STATUS))
        struck.result()

    assert "A revision is applied whole or not at all" in told
    assert roll_back(migrated_url, STATUS).after == STATUS
    assert in_substance(catalogue(migrated_url)) == in_substance(catalogue(empty_url))


def test_an_index_build_cut_off_leaves_an_invalid_index_that_is_rebuilt(
    server: PostgresServer, migrated_url: str
) -> None:
    run(migrated_url, "DROP INDEX idx_messages_job_id")
    engine = create_engine(migrated_url, poolclass=NullPool, isolation_level="REPEATABLE READ")
    with engine.connect() as reader, ThreadPoolExecutor(1) as thread:
        reader.execute(text("SELECT 1"))  # its snapshot keeps the build from being finished
        struck = thread.submit(Assassin(server, migrated_url).strike_when, INVALID.format(1))
        assert ended(lambda: to_head(migrated_url)).startswith("The connection was lost")
        struck.result()
        reader.rollback()
        assert reader.scalar(text(INVALID.format(1)))

    assert to_head(migrated_url).built == ("idx_messages_job_id",)
    assert to_head(migrated_url).built == ()


def test_a_rollback_waits_for_a_migration_at_work(
    migrated_url: str, empty_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("census.adapters.postgres.migrator.LOCK_WAIT_SECONDS", 0.3)
    engine = create_engine(migrated_url, poolclass=NullPool)
    with engine.begin() as other:
        other.execute(text("SELECT pg_advisory_xact_lock(7265837)"))
        told = ended(lambda: roll_back(migrated_url, STATUS))

    assert "Another migration has been running" in told
    assert to_head(migrated_url).before == HEAD


def test_a_rollback_waits_for_a_table_in_use(migrated_url: str) -> None:
    engine = create_engine(migrated_url, poolclass=NullPool)
    with engine.connect() as reader:
        reader.execute(text("LOCK TABLE job_items IN ACCESS SHARE MODE"))
        release = threading.Timer(1.5, reader.commit)
        release.start()
        assert roll_back(migrated_url, "2026_11_27_vector_upkeep").after == "2026_11_27_vector_upkeep"
        release.join()


@pytest.mark.parametrize(
    ("spoil", "command", "told"),
    [
        ("SELECT 1", ["downgrade", "nonsense"], "Can't locate revision identified by 'nonsense'"),
        ("UPDATE alembic_version SET version_num = '2099_01_01'", ["downgrade", STATUS], "'2099_01_01'"),
        ("INSERT INTO alembic_version VALUES ('2026_11_01_baseline')", ["upgrade"], "more than one head"),
        ("INSERT INTO alembic_version VALUES ('2026_11_01_baseline')", ["current"], "more than one head"),
    ],
)
def test_what_alembic_refuses_is_one_line_and_changes_nothing(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    migrated_url: str,
    spoil: str,
    command: list[str],
    told: str,
) -> None:
    run(migrated_url, spoil)
    before = catalogue(migrated_url)
    monkeypatch.setenv("DATABASE_URL", migrated_url)

    assert main(command) == 1

    said = capsys.readouterr()
    assert told in said.err
    assert (said.err.count("\n"), said.out) == (1, "")
    assert catalogue(migrated_url) == before


def test_a_server_that_may_only_be_read_is_named(migrated_url: str, empty_url: str) -> None:
    name = make_url(empty_url).database
    run(empty_url, f"ALTER DATABASE {name} SET default_transaction_read_only = on")

    assert "this server may only be read (a replica?)" in ended(lambda: to_head(empty_url))
