"""What large tenants need: who they are, and vectors that are read fast.

Revision: 2026_11_19_large_tenants, after "2026_11_18_findings".
"""

from migrations.run_sql import run_sql

revision = "2026_11_19_large_tenants"
down_revision = "2026_11_18_findings"
branch_labels = None
depends_on = None
oldest_code = "2026_11_12_job_engine"


def upgrade() -> None:
    """The direct SQL beside this revision, under a lock time-out."""
    run_sql("2026_11_19_large_tenants.up.sql", lock_timeout="800ms", statement_timeout="10min")


def downgrade() -> None:
    """Back, losing only what this revision owns."""
    run_sql("2026_11_19_large_tenants.down.sql", lock_timeout="800ms", statement_timeout="10min")
