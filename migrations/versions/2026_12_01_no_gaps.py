"""Counters and states of a job that null no longer lets pass.

Revision: 2026_12_01_no_gaps, after "2026_11_30_warnings".
"""

from migrations.run_sql import run_sql

revision = "2026_12_01_no_gaps"
down_revision = "2026_11_30_warnings"
branch_labels = None
depends_on = None
oldest_code = "2026_11_12_job_engine"


def upgrade() -> None:
    """The direct SQL beside this revision, under a lock time-out."""
    run_sql("2026_12_01_no_gaps.up.sql", lock_timeout="800ms", statement_timeout="10min")


def downgrade() -> None:
    """Back, losing only what this revision owns."""
    run_sql("2026_12_01_no_gaps.down.sql", lock_timeout="800ms", statement_timeout="10min")
