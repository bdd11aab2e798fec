"""Revisions are direct SQL: what Alembic runs is the very file that people may run by hand."""

from pathlib import Path

from alembic import op

SQL_FOLDER = Path(__file__).parent / "sql"
# A migration that waits for a lock makes every later statement on that table wait behind it.
LIMITS = "SET LOCAL lock_timeout = '3s'; SET LOCAL statement_timeout = '10min';"


def run_sql(file_name: str) -> None:
    """Run a file of `migrations/sql` within the migration's transaction, lock and statement time-outs set."""
    script = (SQL_FOLDER / file_name).read_text()
    if op.get_context().as_sql:
        op.execute(LIMITS)
        op.execute(script.replace(":", r"\:"))
        return
    connection = op.get_bind()
    connection.exec_driver_sql(LIMITS)
    connection.exec_driver_sql(script)
