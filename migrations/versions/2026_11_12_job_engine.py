"""Items, batches, cached results, signals; row security.

Revision: 2026_11_12_job_engine, after "2026_11_11_documents".
"""

from migrations.run_sql import run_sql

revision = "2026_11_12_job_engine"
down_revision = "2026_11_11_documents"
branch_labels = None
depends_on = None
oldest_code = "2026_11_12_job_engine"


def upgrade() -> None:
    """The direct SQL beside this revision, under a lock time-out."""
    run_sql("2026_11_12_job_engine.up.sql", lock_timeout="800ms", statement_timeout="10min")


def downgrade() -> None:
    """Back, losing only what this revision owns."""
    run_sql("2026_11_12_job_engine.down.sql", lock_timeout="800ms", statement_timeout="10min")
