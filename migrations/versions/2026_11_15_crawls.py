"""Pages of the web: one row a URL, conditional refresh, crawls.

Revision: 2026_11_15_crawls, after "2026_11_14_passage_vectors".
"""

from migrations.run_sql import run_sql

revision = "2026_11_15_crawls"
down_revision = "2026_11_14_passage_vectors"
branch_labels = None
depends_on = None
oldest_code = "2026_11_12_job_engine"


def upgrade() -> None:
    """The direct SQL beside this revision, under a lock time-out."""
    run_sql("2026_11_15_crawls.up.sql", lock_timeout="800ms", statement_timeout="10min")


def downgrade() -> None:
    """Back, losing only what this revision owns."""
    run_sql("2026_11_15_crawls.down.sql", lock_timeout="800ms", statement_timeout="10min")
