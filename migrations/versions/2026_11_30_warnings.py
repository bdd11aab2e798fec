"""Texts keep the warnings of the extraction.

Revision: 2026_11_30_warnings, after "2026_11_29_shared_limits".
"""

from migrations.run_sql import run_sql

revision = "2026_11_30_warnings"
down_revision = "2026_11_29_shared_limits"
branch_labels = None
depends_on = None
oldest_code = "2026_11_12_job_engine"


def upgrade() -> None:
    """The direct SQL beside this revision, under a lock time-out."""
    run_sql("2026_11_30_warnings.up.sql", lock_timeout="800ms", statement_timeout="10min")


def downgrade() -> None:
    """Back, losing only what this revision owns."""
    run_sql("2026_11_30_warnings.down.sql", lock_timeout="800ms", statement_timeout="10min")
