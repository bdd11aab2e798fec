"""${message}

Revision: ${up_revision}, after ${down_revision | comma,n}. Date: ${create_date}
"""

from migrations.run_sql import run_sql

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = None
depends_on = None


def upgrade() -> None:
    """The direct SQL beside this revision, under a lock time-out."""
    run_sql("${up_revision}.up.sql")


def downgrade() -> None:
    """Back, losing only what this revision owns."""
    run_sql("${up_revision}.down.sql")
