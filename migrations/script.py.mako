"""${message}

Revision: ${up_revision}, after ${down_revision | comma,n}. Date: ${create_date}
"""

from migrations.run_sql import run_sql

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = None
depends_on = None
# The oldest revision whose code runs on this schema. Keep it while you add; raise it when you take away.
oldest_code = ${repr(down_revision)}


def upgrade() -> None:
    """The direct SQL beside this revision, under a lock time-out."""
    run_sql("${up_revision}.up.sql", lock_timeout="800ms", statement_timeout="10min")


def downgrade() -> None:
    """Back, losing only what this revision owns."""
    run_sql("${up_revision}.down.sql", lock_timeout="800ms", statement_timeout="10min")
