"""Revisions are direct SQL: what Alembic runs is the very file that people may run by hand."""

from pathlib import Path

from alembic import op

from migrations.indexes import split_indexes

SQL_FOLDER = Path(__file__).parent / "sql"


def run_sql(file_name: str, *, lock_timeout: str, statement_timeout: str) -> None:
    """Run a file of `migrations/sql` within the migration's transaction.

    A migration that waits for a lock makes every later statement on that table wait behind it: so the
    time-out is short, and the migrator tries again. Indexes on tables that were there before are left to
    `migrations.indexes.build`, which needs no transaction and so keeps nobody from writing.
    """
    script = (SQL_FOLDER / file_name).read_text()
    script, indexes = split_indexes(script) if file_name.endswith(".up.sql") else (script, [])
    limits = f"SET LOCAL lock_timeout = '{lock_timeout}'; SET LOCAL statement_timeout = '{statement_timeout}'"
    context = op.get_context()
    if not context.as_sql:
        op.get_bind().exec_driver_sql(limits)
        op.get_bind().exec_driver_sql(script)
        return
    op.execute(limits)
    op.execute(script.strip().removesuffix(";").replace(":", r"\:"))
    if indexes:
        with context.autocommit_block():
            for index in indexes:
                op.execute(index.concurrently.replace(":", r"\:"))
