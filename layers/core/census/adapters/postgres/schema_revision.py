"""Which schema the database has."""

from sqlalchemy import text
from sqlalchemy.engine import Engine

from census.adapters.postgres.outages import translated_outages


def read_revision(engine: Engine) -> str:
    """The Alembic revision of the database. Raises UnavailableError when it does not answer."""
    with translated_outages(), engine.connect() as connection:
        return str(connection.scalar(text("SELECT version_num FROM alembic_version")))
