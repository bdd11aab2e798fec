"""Reads the monitoring views. Implements census.ports.health_reader.HealthReader."""

from sqlalchemy import text

from census.adapters.postgres.database import PostgresDatabase
from census.ports.health_reader import Health

_STUCK = text("""
    SELECT 'file' AS kind, count(*) AS rows FROM stuck_files
    UNION ALL SELECT 'page', count(*) FROM stuck_pages
    UNION ALL SELECT 'job', count(*) FROM stuck_jobs
""")
_QUEUES = text("SELECT queue, waiting, expired_claims FROM queue_health")
# Ordinary logins see every session's row, though not what it does; the server's own processes do not count.
_CONNECTIONS = text("""
    SELECT 100.0 * count(*) / current_setting('max_connections')::int
    FROM pg_stat_activity WHERE datid IS NOT NULL
""")


class PostgresHealthReader:
    """See the port. Behind a pooler the connections are the pooler's."""

    def __init__(self, database: PostgresDatabase) -> None:
        self._database = database

    def read(self) -> Health:
        """See the port."""
        with self._database.monitoring() as session:
            stuck = {row.kind: int(row.rows) for row in session.execute(_STUCK)}
            queues = session.execute(_QUEUES).all()
            connections = float(session.execute(_CONNECTIONS).scalar_one())
        return Health(
            stuck,
            waiting={row.queue: int(row.waiting) for row in queues},
            expired={row.queue: int(row.expired_claims) for row in queues},
            connections_percent=connections,
        )
