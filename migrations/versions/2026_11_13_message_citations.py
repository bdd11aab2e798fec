"""The quotes a look-up answer rests on.

Revision: 2026_11_13_message_citations, after "2026_11_12_job_engine".
"""

from migrations.run_sql import run_sql

revision = "2026_11_13_message_citations"
down_revision = "2026_11_12_job_engine"
branch_labels = None
depends_on = None
oldest_code = "2026_11_12_job_engine"


def upgrade() -> None:
    """The direct SQL beside this revision, under a lock time-out."""
    run_sql("2026_11_13_message_citations.up.sql", lock_timeout="800ms", statement_timeout="10min")


def downgrade() -> None:
    """Back, losing only what this revision owns."""
    run_sql("2026_11_13_message_citations.down.sql", lock_timeout="800ms", statement_timeout="10min")
