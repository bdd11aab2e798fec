"""The processing state of files and pages.

Revision: 2026_11_03_status_fields, after "2026_11_02_processing_jobs".
"""

from migrations.run_sql import run_sql

revision = "2026_11_03_status_fields"
down_revision = "2026_11_02_processing_jobs"
branch_labels = None
depends_on = None
oldest_code = "2026_11_01_baseline"


def upgrade() -> None:
    """The direct SQL beside this revision, under a lock time-out."""
    run_sql("2026_11_03_status_fields.up.sql", lock_timeout="800ms", statement_timeout="10min")


def downgrade() -> None:
    """Back, losing only what this revision owns."""
    run_sql("2026_11_03_status_fields.down.sql", lock_timeout="800ms", statement_timeout="10min")
