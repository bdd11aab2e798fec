"""Connections: TLS, lost servers, rotated secrets, time-outs, and poolers in transaction mode."""

import ssl
import time
import uuid
from pathlib import Path

import pytest
from sqlalchemy import event, text

from census.adapters.postgres.connection import (
    Connector,
    DatabaseRefusedError,
    LoginRefusedError,
    connect_arguments,
    parse_address,
)
from census.adapters.postgres.database import PostgresDatabase
from census.domain.errors import UnavailableError
from infra.local.postgres import DATABASE, OWNER
from tests.database.rows import OTHER, TENANT, add_user, one
from tests.database.tls_front import front, self_signed
from tests.postgres import PostgresServer


@pytest.fixture
def pem(tmp_path: Path) -> Path:
    return self_signed(tmp_path)


def open_at(server: PostgresServer, port: int, query: str) -> object:
    del server
    database = PostgresDatabase(f"postgresql://{OWNER}@127.0.0.1:{port}/{DATABASE}{query}")
    try:
        return one(database, "SELECT 1")
    finally:
        database.engine.dispose()


def test_a_verified_certificate_is_enough(server: PostgresServer, pem: Path) -> None:
    with front(server.socket, pem) as port:
        assert open_at(server, port, f"?sslrootcert={pem}") == 1
        assert open_at(server, port, f"?sslmode=verify-full&sslrootcert={pem}") == 1


@pytest.mark.parametrize("query", ["", "?sslmode=require", "?sslmode=verify-full"])
def test_a_certificate_of_nobody_known_is_refused(server: PostgresServer, pem: Path, query: str) -> None:
    with (
        front(server.socket, pem) as port,
        pytest.raises(DatabaseRefusedError, match=r"cannot be verified .*sslrootcert"),
    ):
        open_at(server, port, query)


def test_verification_can_be_waived_by_saying_so(server: PostgresServer, pem: Path) -> None:
    with front(server.socket, pem) as port:
        assert open_at(server, port, "?sslmode=no-verify") == 1


def test_a_server_without_tls_is_refused_unless_plain_text_was_asked_for(server: PostgresServer) -> None:
    with front(server.socket, None) as port:
        with pytest.raises(DatabaseRefusedError, match=r"does not speak TLS.*sslmode=disable"):
            open_at(server, port, "")
        assert open_at(server, port, "?sslmode=disable") == 1


@pytest.mark.parametrize("mode", ["prefer", "allow", "on"])
def test_a_mode_that_may_fall_back_to_plain_text_is_refused(mode: str) -> None:
    with pytest.raises(DatabaseRefusedError, match=f"sslmode={mode}"):
        connect_arguments(parse_address(f"postgresql://a:b@c/d?sslmode={mode}"))


def test_urls_of_hosted_databases_are_understood() -> None:
    url = parse_address("postgres://u:p%40ss@ep-x.neon.tech/db?sslmode=require&channel_binding=require")

    found = connect_arguments(url)

    assert (found["host"], found["port"], found["password"]) == ("ep-x.neon.tech", 5432, "p@ss")
    assert not {"sslmode", "channel_binding"} & set(found)


def test_authorities_of_the_system_are_named_as_libpq_names_them() -> None:
    found = connect_arguments(parse_address("postgresql://a:b@c/d?sslmode=verify-full&sslrootcert=system"))

    assert found["ssl_context"].verify_mode is ssl.CERT_REQUIRED
    assert found["ssl_context"].check_hostname


def test_options_of_the_address_reach_the_server(server: PostgresServer, migrated_url: str) -> None:
    options = "&options=-c%20search_path%3Dpg_catalog"
    with Connector(migrated_url + options)() as connection:
        cursor = connection.cursor()
        cursor.execute("SHOW search_path")
        assert cursor.fetchall() == (["pg_catalog"],)


class Secret:
    """An address that is read; the first time it is out of date, as a cached one is after a rotation."""

    def __init__(self, *addresses: str) -> None:
        self._addresses = [*addresses]
        self.reads = 0

    def __call__(self) -> str:
        self.reads += 1
        return self._addresses.pop(0) if len(self._addresses) > 1 else self._addresses[0]


def test_a_rotated_secret_is_read_again_exactly_once(server: PostgresServer, migrated_url: str) -> None:
    # The embedded server trusts its socket: a login that no longer exists stands for a changed password.
    login = f"login_{uuid.uuid4().hex}"
    server.run(f"CREATE ROLE {login} LOGIN")
    secret = Secret(migrated_url.replace(OWNER, login), migrated_url)
    connector = Connector(secret)
    connector().close()
    connector().close()
    assert secret.reads == 1, "a known address is kept while it works"

    server.run(f"DROP ROLE {login}")
    connector().close()

    assert secret.reads == 2


def test_a_login_refused_with_a_fresh_secret_stays_refused(migrated_url: str) -> None:
    hopeless = Secret(migrated_url.replace(OWNER, "nobody_known"))

    with pytest.raises(LoginRefusedError, match=r"refuses the login nobody_known.*Check user and password"):
        Connector(hopeless)()

    assert hopeless.reads == 1


def test_a_killed_connection_is_replaced_before_anything_is_done(
    server: PostgresServer, database: PostgresDatabase
) -> None:
    name = database.engine.connect().execute(text("SELECT current_database()")).scalar_one()
    database.engine.dispose()
    add_user(database)

    server.run(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")

    assert one(database, "SELECT count(*) FROM profiles") == 1


def test_an_idle_connection_is_pinged_and_a_busy_one_is_not(
    database: PostgresDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("census.adapters.postgres.database.PING_AFTER_SECONDS", 600)
    statements: list[str] = []
    add_user(database)

    @event.listens_for(database.engine, "before_cursor_execute")
    def _(*arguments: object) -> None:
        statements.append(str(arguments[2]))

    one(database, "SELECT 1")
    assert len(statements) == 2, "what binds the transaction, and what was asked"

    pool = database.engine.pool
    with database.engine.connect() as connection:
        record = connection.connection._connection_record
        assert record is not None
    record.info["idle_since"] = time.time() - 601
    record.dbapi_connection._usock.close()
    assert one(database, "SELECT 1") == 1
    assert pool.checkedout() == 0  # type: ignore[attr-defined]


def test_time_outs_hold_for_the_transaction_and_leave_nothing_behind(database: PostgresDatabase) -> None:
    shown = "SELECT current_setting('statement_timeout') || ' ' || current_setting('lock_timeout') || ' ' ||"
    shown += " current_setting('idle_in_transaction_session_timeout')"

    assert one(database, shown) == "1min 20s 1min"
    with database.engine.connect() as connection:
        assert connection.scalar(text(shown)) == "0 0 0"
        assert connection.scalar(text("SELECT current_user")) == OWNER
        assert connection.scalar(text("SELECT current_setting('census.tenant', true)")) in ("", None)


def test_a_statement_that_takes_too_long_is_ended_and_may_be_tried_again(migrated_url: str) -> None:
    hasty = PostgresDatabase(migrated_url, statement_seconds=1)
    with pytest.raises(UnavailableError, match="57014"):
        one(hasty, "SELECT 1 FROM pg_sleep(5)")
    hasty.engine.dispose()


def test_a_lock_that_is_not_given_in_time_may_be_tried_again(
    database: PostgresDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("census.adapters.postgres.database.LOCK_SECONDS", 0.01)
    add_user(database)
    with database.engine.connect() as other:
        other.execute(text("LOCK TABLE profiles IN ACCESS EXCLUSIVE MODE"))
        with pytest.raises(UnavailableError, match="55P03"):
            one(database, "SELECT count(*) FROM profiles")


def test_transactions_of_two_tenants_may_share_a_connection(database: PostgresDatabase) -> None:
    """As behind a pooler in transaction mode: nothing of a transaction reaches the next."""
    pids = set()
    for tenant in (TENANT, OTHER) * 3:
        add_user(database, tenant)
        pids.add(one(database, "SELECT pg_backend_pid()", tenant))

    assert len(pids) == 1
    assert one(database, "SELECT count(*) FROM profiles") == 3
