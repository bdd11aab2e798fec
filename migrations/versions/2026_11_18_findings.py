"""Findings, reduce nodes, and how far a running job has come.

Revision: 2026_11_18_findings, after "2026_11_17_monitoring".
"""

from migrations.run_sql import run_sql

revision = "2026_11_18_findings"
down_revision = "2026_11_17_monitoring"
branch_labels = None
depends_on = None
oldest_code = "2026_11_12_job_engine"


def upgrade() -> None:
    """The direct SQL beside this revision, under a lock time-out."""
    run_sql("2026_11_18_findings.up.sql", lock_timeout="800ms", statement_timeout="10min")


def downgrade() -> None:
    """Back, losing only what this revision owns."""
    run_sql("2026_11_18_findings.down.sql", lock_timeout="800ms", statement_timeout="10min")
