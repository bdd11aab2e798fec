"""The table of vectors, which is there only where the extension is."""

from importlib import import_module
from pathlib import Path

from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from census.adapters.postgres.connection import server_error

_TYPE = text("SELECT to_regtype('vector') IS NOT NULL")
_VERSION = text("SELECT extversion FROM pg_extension WHERE extname = 'vector'")
OLDEST = (0, 8)
"""Has iterative scans, which searches ask for."""

_TABLE = text("SELECT to_regclass('passage_vectors') IS NOT NULL")
_CLOSED_SCHEMA = text("""
    SELECT quote_ident(n.nspname) FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace
    WHERE e.extname = 'vector' AND NOT has_schema_privilege('census_app', n.oid, 'USAGE')
""")
_SCRIPT = "2026_11_14_passage_vectors.up.sql"
_STORAGE = "ALTER TABLE passage_vectors ALTER COLUMN embedding SET STORAGE MAIN"


def obstacle(connection: Connection) -> str | None:
    """Why there can be no vectors in this database, in one line; None when there can."""
    if connection.scalar(_TYPE):
        return _too_old(connection)
    connection.rollback()
    try:
        connection.exec_driver_sql("CREATE EXTENSION vector")
        return _too_old(connection)
    except DBAPIError as error:
        _, message = server_error(error.orig) if error.orig else (None, str(error))
        return (
            "pgvector is chosen (VECTOR_STORE), but the extension vector cannot be "
            f"created ({message}): let an "
            "administrator run CREATE EXTENSION vector, or choose pinecone."
        )
    finally:
        connection.rollback()


def _too_old(connection: Connection) -> str | None:
    found = str(connection.scalar(_VERSION))
    if tuple(int(part) for part in found.split(".")[:2]) >= OLDEST:
        return None
    return (
        f"The extension vector is at {found}, and Census needs 0.8 or newer: "
        "run ALTER EXTENSION vector UPDATE, after an update of the server where that changes nothing, "
        "or choose pinecone."
    )


def ensure_table(connection: Connection) -> None:
    """Make the table where a migration left it out for want of the extension; let the app use the type."""
    if not connection.scalar(_TABLE):
        folder = Path(str(import_module("migrations").__file__)).parent
        connection.exec_driver_sql((folder / "sql" / _SCRIPT).read_text())
        connection.exec_driver_sql(_STORAGE)  # of revision 2026_11_19_large_tenants
    # Supabase keeps extensions in a schema of their own.
    if schema := connection.scalar(_CLOSED_SCHEMA):
        connection.exec_driver_sql(f"GRANT USAGE ON SCHEMA {schema} TO census_app")
