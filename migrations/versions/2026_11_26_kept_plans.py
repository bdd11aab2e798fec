"""Plans by question, so that the same question is planned once.

Revision: 2026_11_26_kept_plans, after "2026_11_25_claims".
"""

from migrations.run_sql import run_sql

revision = "2026_11_26_kept_plans"
down_revision = "2026_11_25_claims"
branch_labels = None
depends_on = None
oldest_code = "2026_11_12_job_engine"


def upgrade() -> None:
    """The direct SQL beside this revision, under a lock time-out."""
    run_sql("2026_11_26_kept_plans.up.sql", lock_timeout="800ms", statement_timeout="10min")


def downgrade() -> None:
    """Back, losing only what this revision owns."""
    run_sql("2026_11_26_kept_plans.down.sql", lock_timeout="800ms", statement_timeout="10min")
