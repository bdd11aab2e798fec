"""Indexes that leave the planner one way to find a row by its whole key.

Revision: 2026_11_28_whole_keys, after "2026_11_27_vector_upkeep".
"""

from migrations.run_sql import run_sql

revision = "2026_11_28_whole_keys"
down_revision = "2026_11_27_vector_upkeep"
branch_labels = None
depends_on = None
oldest_code = "2026_11_12_job_engine"


def upgrade() -> None:
    """The direct SQL beside this revision, under a lock time-out."""
    run_sql("2026_11_28_whole_keys.up.sql", lock_timeout="800ms", statement_timeout="10min")


def downgrade() -> None:
    """Back, losing only what this revision owns."""
    run_sql("2026_11_28_whole_keys.down.sql", lock_timeout="800ms", statement_timeout="10min")
