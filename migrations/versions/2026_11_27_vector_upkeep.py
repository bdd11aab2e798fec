"""What vectors there should be, the cache of embeddings, and the outbox of deletions in other stores.

Revision: 2026_11_27_vector_upkeep, after "2026_11_26_kept_plans".
"""

from migrations.run_sql import run_sql

revision = "2026_11_27_vector_upkeep"
down_revision = "2026_11_26_kept_plans"
branch_labels = None
depends_on = None
oldest_code = "2026_11_12_job_engine"


def upgrade() -> None:
    """The direct SQL beside this revision, under a lock time-out."""
    run_sql("2026_11_27_vector_upkeep.up.sql", lock_timeout="800ms", statement_timeout="10min")


def downgrade() -> None:
    """Back, losing only what this revision owns."""
    run_sql("2026_11_27_vector_upkeep.down.sql", lock_timeout="800ms", statement_timeout="10min")
