"""The baseline: profiles, conversations, messages, files and pages.

Revision: 2026_11_01_baseline, after None.
"""

from migrations.run_sql import run_sql

revision = "2026_11_01_baseline"
down_revision = None
branch_labels = None
depends_on = None
oldest_code = "2026_11_01_baseline"


def upgrade() -> None:
    """The direct SQL beside this revision, under a lock time-out."""
    run_sql("2026_11_01_baseline.up.sql", lock_timeout="800ms", statement_timeout="10min")


def downgrade() -> None:
    """Back, losing only what this revision owns."""
    run_sql("2026_11_01_baseline.down.sql", lock_timeout="800ms", statement_timeout="10min")
