"""Brings the database's schema to the newest revision."""

from typing import Any

from census import bootstrap
from census.lambda_support.logging import begin_invocation


def handle(_event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Any event; the revision before and after."""
    log = begin_invocation(context.aws_request_id, "migrate_database")
    before, after = bootstrap.migrate()
    log.info("Migrated.", revision_before=before, revision_after=after)
    return {"before": before, "after": after}
