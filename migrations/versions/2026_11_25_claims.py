"""Claims that reserve money and lease the model's capacity; outcomes recorded in one round trip.

Revision: 2026_11_25_claims, after "2026_11_19_large_tenants".
"""

from migrations.run_sql import run_sql

revision = "2026_11_25_claims"
down_revision = "2026_11_19_large_tenants"
branch_labels = None
depends_on = None
oldest_code = "2026_11_12_job_engine"


def upgrade() -> None:
    """The direct SQL beside this revision, under a lock time-out."""
    run_sql("2026_11_25_claims.up.sql", lock_timeout="800ms", statement_timeout="10min")


def downgrade() -> None:
    """Back, losing only what this revision owns."""
    run_sql("2026_11_25_claims.down.sql", lock_timeout="800ms", statement_timeout="10min")
