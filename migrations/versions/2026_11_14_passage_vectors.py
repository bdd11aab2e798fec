"""Vectors in the database, where the extension is there.

Revision: 2026_11_14_passage_vectors, after "2026_11_13_message_citations".
"""

from migrations.run_sql import run_sql

revision = "2026_11_14_passage_vectors"
down_revision = "2026_11_13_message_citations"
branch_labels = None
depends_on = None
oldest_code = "2026_11_12_job_engine"


def upgrade() -> None:
    """The direct SQL beside this revision, under a lock time-out."""
    run_sql("2026_11_14_passage_vectors.up.sql", lock_timeout="800ms", statement_timeout="10min")


def downgrade() -> None:
    """Back, losing only what this revision owns."""
    run_sql("2026_11_14_passage_vectors.down.sql", lock_timeout="800ms", statement_timeout="10min")
