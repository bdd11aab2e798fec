"""The schema's revisions (Alembic) and their direct SQL."""
