"""Brings the schema to the newest revision, by the package `migrations` wherever it lies on the path.

One migration runs at a time (a transaction-level lock, on a connection of its own); each revision is a
transaction; indexes of large tables follow without one. What cannot be done is refused before anything is.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, Engine, NullPool, text
from sqlalchemy.exc import DBAPIError

from census.adapters.postgres import large_tenants, schema_survey, vector_schema
from census.adapters.postgres.connection import Address, make_engine, server_error
from census.domain.errors import CensusError
from migrations import indexes

LOCK_NUMBER = 7265837
LOCK_WAIT_SECONDS = 60
RETRY_SECONDS = 300
"""For so long a revision is tried again that gets no lock within its short time-out."""

_TRY_LOCK = text(f"SELECT pg_try_advisory_xact_lock({LOCK_NUMBER})")
# Whoever waits within a statement has a snapshot, and so has a finished SELECT until the next statement:
# index builds of the migration at work would wait for it for ever. So the lock is asked for again and again.
_LET_GO = "SET LOCAL idle_in_transaction_session_timeout = 0"
_LOCKED_OUT = ("55P03", "40P01")


class MigrationError(CensusError):
    """The schema was not migrated: what is wrong and what to do, in one line."""


@dataclass(frozen=True)
class MigrationReport:
    """The revision before and after, the indexes that were built, and what the reader should know."""

    before: str | None
    after: str | None
    built: tuple[str, ...] = ()
    warning: str | None = None


def migrate(
    address: Address, *, vector_store: str, seconds: float | None = None, target: str = "head"
) -> MigrationReport:
    """Upgrade the database within `seconds`, if given; to an earlier revision where `target` names one.

    A database that has the baseline's tables or the direct SQL of a source migration is stamped first. One
    ahead of this code, but within its expand window, is left as it is, with a warning. Raises MigrationError
    and UnavailableError; a revision is applied whole or not at all.
    """
    with _alone(address) as engine, engine.connect() as connection:
        return _Migration(connection, vector_store, seconds, target).run()


def roll_back(address: Address, revision: str) -> MigrationReport:
    """Go back to an earlier revision, or to `base`; each step is taken whole or not at all.

    Raises MigrationError and UnavailableError.
    """
    with _alone(address) as engine, engine.connect() as connection:
        before, config = current_revision(connection), alembic_config(connection)
        connection.rollback()
        _patiently(connection, lambda: command.downgrade(config, revision))
        return MigrationReport(before, current_revision(connection))


def index_large_tenants(address: Address, *, seconds: float | None = None) -> large_tenants.Work:
    """Give large tenants their vector indexes, within `seconds`, if given. Raises as `migrate` does."""
    with _alone(address) as engine:
        return large_tenants.keep_indexes(engine, seconds)


def revision_of(address: Address) -> str | None:
    """The revision a database is at; None before the first. Raises as `migrate` does."""
    with _opened(address) as engine, engine.connect() as connection:
        return current_revision(connection)


@contextmanager
def _opened(address: Address) -> Iterator[Engine]:
    """An engine whose errors are told in one line."""
    engine = make_engine(address, poolclass=NullPool)
    try:
        yield engine
    except DBAPIError as error:
        raise _explained(error) from error
    except CommandError as error:
        raise MigrationError(
            f"Alembic refuses: {error}. The revisions are the files of migrations/versions, the "
            "database's own is the one row of its table alembic_version."
        ) from error
    finally:
        engine.dispose()


@contextmanager
def _alone(address: Address) -> Iterator[Engine]:
    """Holds the lock in a transaction without a snapshot, which no concurrent index build waits for."""
    give_up_at = time.monotonic() + LOCK_WAIT_SECONDS
    with _opened(address) as engine, engine.begin() as guard:
        while not guard.scalar(_TRY_LOCK):
            guard.exec_driver_sql(_LET_GO)
            if time.monotonic() > give_up_at:
                raise MigrationError(
                    f"Another migration has been running for {LOCK_WAIT_SECONDS} s: wait for its end, "
                    "then try again."
                )
            time.sleep(0.2)
        guard.exec_driver_sql(_LET_GO)
        yield engine


class _Migration:
    """One run on one connection."""

    def __init__(self, connection: Connection, vector_store: str, seconds: float | None, target: str) -> None:
        self._connection = connection
        self._vector_store = vector_store
        self._seconds = seconds
        self._config = alembic_config(connection)
        scripts = ScriptDirectory.from_config(self._config)
        self._target = target
        self._revisions = [script.revision for script in scripts.walk_revisions(head=target)][::-1]

    def run(self) -> MigrationReport:
        before = current_revision(self._connection)
        if before is not None and before not in self._revisions:
            return self._ahead(before)
        start = self._adopted(before)
        self._check(start)
        self._connection.rollback()
        if start != before:
            command.stamp(self._config, start or "base")
        _patiently(self._connection, lambda: command.upgrade(self._config, self._target), self._seconds)
        built = self._complete()
        return MigrationReport(before, current_revision(self._connection), tuple(built))

    def _ahead(self, revision: str) -> MigrationReport:
        oldest = schema_survey.oldest_code(self._connection)
        newest = self._revisions[-1]
        if oldest in self._revisions:
            return MigrationReport(
                revision,
                revision,
                warning=f"The database is at {revision}, newer than this release ({newest}); it still "
                f"serves code from {oldest} on, so it was left as it is.",
            )
        raise MigrationError(
            f"The database is at {revision}, too far ahead of this release ({newest}): "
            "deploy the release that "
            "made it, or go back with that release (`python -m migrations downgrade`)."
        )

    def _adopted(self, before: str | None) -> str | None:
        """Where the database really is: tables made by hand count as the revision they equal."""
        try:
            return schema_survey.adopted_revision(self._connection, before, self._revisions)
        except schema_survey.HalfAppliedError as error:
            raise MigrationError(str(error)) from None

    def _check(self, start: str | None) -> None:
        pending = self._revisions[self._revisions.index(start) + 1 :] if start else self._revisions
        problem = (schema_survey.missing_rights(self._connection) if pending else None) or (
            vector_schema.obstacle(self._connection) if self._vector_store == "pgvector" else None
        )
        if problem:
            raise MigrationError(problem)
        seconds = indexes.seconds_to_build(self._connection, pending)
        if self._seconds is not None and seconds > self._seconds / 2:
            raise MigrationError(
                f"Building the indexes takes about {seconds:.0f} s and this function has "
                f"{self._seconds:.0f} s: "
                "run `make migrate` against the database, then deploy again."
            )

    def _complete(self) -> list[str]:
        """What no revision can do within its transaction, or was cut short in an earlier run."""
        self._connection.rollback()
        if self._vector_store == "pgvector":
            vector_schema.ensure_table(self._connection)
            self._connection.commit()
        return indexes.build(self._connection, self._revisions)


def _patiently(connection: Connection, step: Callable[[], None], seconds: float | None = None) -> None:
    """Take a step again, for a while, that did not get its locks within their short time-out."""
    retry_until = time.monotonic() + min(RETRY_SECONDS, (seconds or RETRY_SECONDS) / 2)
    pause = 0.2
    while True:
        try:
            return step()
        except DBAPIError as error:
            connection.rollback()
            if _code(error) not in _LOCKED_OUT or time.monotonic() > retry_until:
                raise
        time.sleep(pause)
        pause = min(2.0, pause * 1.5)


def _explained(error: DBAPIError) -> MigrationError:
    """A database error in one line, with what to do about the usual ones."""
    code, message = server_error(error.orig) if error.orig else (None, str(error))
    if error.connection_invalidated:
        return MigrationError(
            f"The connection was lost ({message}): once the server answers, run it again. "
            "A revision is applied whole or not at all, and indexes that are missing are built then."
        )
    advice = {
        "55P03": "a long transaction holds the table: let it end (pg_stat_activity), then try again.",
        "57014": "the statement took longer than its time-out: run `make migrate` where there is time.",
        "42501": "the login lacks the right: use the owner's login, or let an administrator run "
        "migrations/sql/roles.sql.",
        "23514": "rows that were there before contradict it: correct them (the revisions before this one "
        "are kept), then try again.",
        "25006": "this server may only be read (a replica?): use the address of the primary.",
    }.get(code or "", "nothing of this revision was kept.")
    return MigrationError(f"The migration stopped: {message} ({code}); {advice}")


def _code(error: DBAPIError) -> str | None:
    return server_error(error.orig)[0] if error.orig else None


def current_revision(connection: Connection) -> str | None:
    """The revision the database is at; None before the first."""
    return MigrationContext.configure(connection).get_current_revision()


def alembic_config(connection: Connection | None) -> Config:
    """Alembic's configuration for this connection; without one it prints SQL."""
    location = import_module("migrations").__file__
    config = Config()
    config.set_main_option("script_location", str(Path(str(location)).parent))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config
