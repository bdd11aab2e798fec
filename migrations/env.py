"""Alembic's entry: runs revisions on the connection the caller hands over, or prints their SQL offline."""

from collections.abc import Collection
from typing import Any

from alembic import context
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from census.adapters.postgres.models import Base, belongs_to_the_models
from migrations import indexes

SCRIPTS = ScriptDirectory.from_config(context.config)


def note_oldest_code(ctx: MigrationContext, step: Any, heads: Collection[Any], run_args: Any) -> None:
    """Write beside the version which code still runs on it; an older release reads this after a rollback."""
    del step, run_args
    for head in heads:
        oldest = SCRIPTS.get_revision(head).module.oldest_code
        ctx.execute(f"COMMENT ON TABLE alembic_version IS 'Runs code from revision {oldest} on.'")


def run_offline() -> None:
    """Print the SQL."""
    context.configure(
        dialect_name="postgresql",
        dialect_opts={"paramstyle": "named"},  # the percent signs of format() are printed as they are
        literal_binds=True,
        target_metadata=Base.metadata,
        transaction_per_migration=True,
        on_version_apply=note_oldest_code,
    )
    with context.begin_transaction():
        context.run_migrations()


def run_online(connection: Connection) -> None:
    """Each revision is a transaction of its own; the indexes of large tables follow."""
    reached: list[str] = []

    def note(ctx: MigrationContext, step: Any, heads: Collection[Any], run_args: Any) -> None:
        note_oldest_code(ctx, step, heads, run_args)
        reached[:] = [*heads]

    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        include_object=belongs_to_the_models,
        compare_type=True,
        transaction_per_migration=True,
        on_version_apply=note,
    )
    with context.begin_transaction():
        context.run_migrations()
    if reached:
        applied = [script.revision for script in SCRIPTS.iterate_revisions(tuple(reached), "base")]
        indexes.build(connection, applied[::-1])


if context.is_offline_mode():
    run_offline()
else:
    run_online(context.config.attributes["connection"])
