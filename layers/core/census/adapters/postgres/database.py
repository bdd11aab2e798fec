"""Transactions. Each binds its role, its tenant and its time-outs for itself alone, so poolers are fine.

One login serves all roles (docs/adr/0003-one-login-roles-per-transaction.md). A transaction that forgets
to bind a tenant sees no row at all.
"""

import json
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING, Any

from sqlalchemy import event
from sqlalchemy.engine import Engine
from sqlalchemy.exc import DBAPIError, DisconnectionError
from sqlalchemy.orm import Session

from census.adapters.postgres.connection import (
    Address,
    DatabaseRefusedError,
    make_engine,
    server_error,
)
from census.adapters.postgres.outages import translated_outages
from census.adapters.postgres.work import PostgresSystemWork, PostgresTenantWork
from census.domain.errors import UnavailableError
from census.domain.measures import DATABASE_UNAVAILABLE, measurements_of
from census.ports.call_leases import CallLimits, LeaseGrant, LeaseRequest
from census.ports.metrics import UNMEASURED, Metrics, count

if TYPE_CHECKING:
    from census.adapters.postgres.large_tenants import Work
    from census.adapters.postgres.migrator import MigrationReport

# One statement for all of it: it is also what finds out whether the connection still lives. It holds its
# values (roles of ours, a UUID, numbers): a statement without parameters takes one round trip, not three.
_BIND = """
    SELECT set_config('role', '{role}', true), set_config('census.tenant', '{tenant}', true),
           set_config('statement_timeout', '{statement}s', true), set_config('lock_timeout', '{lock}s', true),
           set_config('idle_in_transaction_session_timeout', '{idle}s', true)
"""
APP_ROLE = "census_app"
SYSTEM_ROLE = "census_system"
READ_ROLE = "census_read"
STATEMENT_SECONDS = 60
LOCK_SECONDS = 20
IDLE_SECONDS = 60
"""A transaction that does nothing for so long is ended by the server: its locks keep others waiting."""

PING_AFTER_SECONDS = 5
RECYCLE_SECONDS = 300
CHECKOUT_SECONDS = 10
_MAY_NOT_SET_ROLE = ("42501", "22023")


class PostgresDatabase:
    """Opens transactions. `url` is any PostgreSQL URL, or what reads it (a secret that may be rotated).

    `metrics` is told what transactions noted, once they are committed, and of every outage.
    """

    def __init__(
        self, url: Address, *, statement_seconds: int = STATEMENT_SECONDS, metrics: Metrics = UNMEASURED
    ) -> None:
        self._address = url
        self._metrics = metrics
        self._statement_seconds = statement_seconds

    @cached_property
    def engine(self) -> Engine:
        """One kept connection a function instance; a transaction within a transaction opens another."""
        engine = make_engine(
            self._address,
            read_seconds=self._statement_seconds + 10,
            pool_size=1,
            max_overflow=2,
            pool_timeout=CHECKOUT_SECONDS,
            pool_recycle=RECYCLE_SECONDS,
            json_serializer=_to_json,
        )
        event.listen(engine, "checkin", _note_idle)
        event.listen(engine, "checkout", _ping_if_idle)
        return engine

    @contextmanager
    def tenant(self, tenant_id: uuid.UUID) -> Iterator[PostgresTenantWork]:
        """A transaction as census_app, bound to one tenant; commits at the end, rolls back on an error."""
        with self._transaction(APP_ROLE, tenant_id) as session:
            work = PostgresTenantWork(session, tenant_id)
            yield work
        for fact in work.facts:
            for measurement in measurements_of(fact):
                self._metrics.record(measurement)

    @contextmanager
    def system(self) -> Iterator[PostgresSystemWork]:
        """A transaction as census_system, over all tenants, with that role's narrow rights."""
        with self._transaction(SYSTEM_ROLE) as session:
            yield PostgresSystemWork(session)

    @contextmanager
    def monitoring(self) -> Iterator[Session]:
        """A transaction as census_read, which sees the monitoring views over all tenants."""
        with self._transaction(READ_ROLE) as session:
            yield session

    def exchange_calls(
        self, tenant_id: uuid.UUID, jobs: Sequence[uuid.UUID], request: LeaseRequest, limits: CallLimits
    ) -> LeaseGrant:
        """See census.ports.call_leases.CallExchange: one statement, which binds role and tenant itself."""
        with translated_outages(self._outage):
            for attempt in (1, 2):
                try:
                    return self._exchange_calls(tenant_id, jobs, request, limits)
                except UnavailableError:
                    self._outage()  # no connection at all: the connector told why
                    raise
                except DBAPIError as error:
                    if attempt == 2 or not error.connection_invalidated:
                        raise
        raise AssertionError("the loop returns or raises")

    def _exchange_calls(
        self, tenant_id: uuid.UUID, jobs: Sequence[uuid.UUID], request: LeaseRequest, limits: CallLimits
    ) -> LeaseGrant:
        from census.adapters.postgres.call_leases import PostgresCallLeases

        with Session(self.engine) as session:
            grant = PostgresCallLeases(session).exchange(tenant_id, jobs, request, limits)
            session.commit()
            return grant

    def migrate(self, vector_store: str, seconds: float | None = None) -> "MigrationReport":
        """Bring the schema to the newest revision. See census.adapters.postgres.migrator.migrate."""
        from census.adapters.postgres.migrator import migrate

        return migrate(self._address, vector_store=vector_store, seconds=seconds)

    def index_large_tenants(self, seconds: float | None = None) -> "Work":
        """Build and drop indexes as tenants grow and shrink. See census.adapters.postgres.migrator."""
        from census.adapters.postgres.migrator import index_large_tenants

        return index_large_tenants(self._address, seconds=seconds)

    @contextmanager
    def _transaction(self, role: str, tenant: uuid.UUID | None = None) -> Iterator[Session]:
        with translated_outages(self._outage), self._begin(role, tenant) as session:
            yield session
            session.commit()

    def _outage(self) -> None:
        count(self._metrics, DATABASE_UNAVAILABLE)

    def _begin(self, role: str, tenant: uuid.UUID | None) -> Session:
        """A session with its transaction bound. A connection found dead is replaced once."""
        bind = _BIND.format(
            role=role,
            tenant=tenant or "",
            statement=self._statement_seconds,
            lock=LOCK_SECONDS,
            idle=IDLE_SECONDS,
        )
        for attempt in (1, 2):
            session = Session(self.engine)
            try:
                session.connection().exec_driver_sql(bind)
                return session
            except UnavailableError:
                self._outage()  # no connection at all: the connector told why
                raise
            except DBAPIError as error:
                session.close()
                _refuse_missing_role(error, role)
                if attempt == 2 or not error.connection_invalidated:
                    raise
        raise AssertionError("the loop returns or raises")


def _refuse_missing_role(error: DBAPIError, role: str) -> None:
    code, message = server_error(error.orig) if error.orig else (None, "")
    if code in _MAY_NOT_SET_ROLE:
        raise DatabaseRefusedError(
            f"The database's login cannot act as {role} ({message}): run `make migrate`, "
            "and for a login of its "
            f"own GRANT {role} TO it (docs/database.md)."
        ) from error


def _note_idle(_connection: Any, record: Any) -> None:
    record.info["idle_since"] = time.time()


def _ping_if_idle(connection: Any, record: Any, _proxy: Any) -> None:
    """A function instance may have been frozen for long: the wall clock knows, the monotonic one may not."""
    since = record.info.get("idle_since")
    if since is None or abs(time.time() - since) < PING_AFTER_SECONDS:
        return
    try:
        cursor = connection.cursor()
        cursor.execute("SELECT 1")
        connection.rollback()
    except Exception as error:  # whatever is wrong with it, the pool opens another
        raise DisconnectionError("the connection died while it was idle") from error


def _to_json(value: Any) -> str:
    # PostgreSQL's jsonb has no NUL character; texts are cleaned of it before they come here.
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
