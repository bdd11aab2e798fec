"""Tenants on every table; the roles.

Revision: 2026_11_10_tenants_and_roles, after "2026_11_03_status_fields".
"""

from migrations.run_sql import run_sql

revision = "2026_11_10_tenants_and_roles"
down_revision = "2026_11_03_status_fields"
branch_labels = None
depends_on = None
oldest_code = "2026_11_10_tenants_and_roles"


def upgrade() -> None:
    """The direct SQL beside this revision, under a lock time-out."""
    run_sql("2026_11_10_tenants_and_roles.up.sql", lock_timeout="800ms", statement_timeout="10min")


def downgrade() -> None:
    """Back, losing only what this revision owns."""
    run_sql("2026_11_10_tenants_and_roles.down.sql", lock_timeout="800ms", statement_timeout="10min")
