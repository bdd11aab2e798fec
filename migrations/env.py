"""Alembic's entry: runs revisions on the connection the caller hands over, or prints their SQL offline."""

from alembic import context

from census.adapters.postgres.models import Base, belongs_to_the_models

if context.is_offline_mode():
    context.configure(dialect_name="postgresql", literal_binds=True, target_metadata=Base.metadata)
else:
    context.configure(
        connection=context.config.attributes["connection"],
        target_metadata=Base.metadata,
        include_object=belongs_to_the_models,
        compare_type=True,
    )

with context.begin_transaction():
    context.run_migrations()
