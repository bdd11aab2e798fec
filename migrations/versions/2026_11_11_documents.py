"""Extracted texts, passages and vectors.

Revision: 2026_11_11_documents, after "2026_11_10_tenants_and_roles".
"""

from migrations.run_sql import run_sql

revision = "2026_11_11_documents"
down_revision = "2026_11_10_tenants_and_roles"
branch_labels = None
depends_on = None
oldest_code = "2026_11_11_documents"


def upgrade() -> None:
    """The direct SQL beside this revision, under a lock time-out."""
    run_sql("2026_11_11_documents.up.sql", lock_timeout="800ms", statement_timeout="10min")


def downgrade() -> None:
    """Back, losing only what this revision owns."""
    run_sql("2026_11_11_documents.down.sql", lock_timeout="800ms", statement_timeout="10min")
