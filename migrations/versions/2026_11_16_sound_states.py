"""Constraints that make bad states impossible; what goes with what when it is deleted.

Revision: 2026_11_16_sound_states, after "2026_11_15_crawls".
"""

from migrations.run_sql import run_sql

revision = "2026_11_16_sound_states"
down_revision = "2026_11_15_crawls"
branch_labels = None
depends_on = None
oldest_code = "2026_11_12_job_engine"


def upgrade() -> None:
    """The direct SQL beside this revision, under a lock time-out."""
    run_sql("2026_11_16_sound_states.up.sql", lock_timeout="800ms", statement_timeout="10min")


def downgrade() -> None:
    """Back, losing only what this revision owns."""
    run_sql("2026_11_16_sound_states.down.sql", lock_timeout="800ms", statement_timeout="10min")
