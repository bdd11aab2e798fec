"""The database layer, on every PostgreSQL that comes with the embedded package."""
