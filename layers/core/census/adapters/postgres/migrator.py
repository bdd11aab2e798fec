"""Runs Alembic's revisions from the package `migrations`, wherever it lies on the path."""

from importlib import import_module
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.engine import make_url

_LOCK = text("SELECT pg_advisory_xact_lock(7265837)")


def upgrade_to_head(url: str) -> tuple[str | None, str | None]:
    """Upgrade the database in one transaction; its revision before and after.

    A second migration at the same time waits for the first. Raises SQLAlchemy's errors, nothing half-done.
    """
    engine = create_engine(make_url(url).set(drivername="postgresql+pg8000"))
    try:
        with engine.begin() as connection:
            connection.execute(_LOCK)
            before = current_revision(connection)
            command.upgrade(alembic_config(connection), "head")
            return before, current_revision(connection)
    finally:
        engine.dispose()


def current_revision(connection: Connection) -> str | None:
    """The revision the database is at; None before the first."""
    return MigrationContext.configure(connection).get_current_revision()


def alembic_config(connection: Connection) -> Config:
    """Alembic's configuration for this connection."""
    location = import_module("migrations").__file__
    config = Config()
    config.set_main_option("script_location", str(Path(str(location)).parent))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config
