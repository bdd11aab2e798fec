"""Ends a job whose execution caught an error: partial with what is there, or failed with the cause."""

from typing import Any
from uuid import UUID

from census import bootstrap
from census.application.settle_job import cause_of_failure, settle_job
from census.lambda_support.invocation import observed


@observed("settle_job")
def handle(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """The execution's data with `failure` in; the state the job ended in."""
    failure = event.get("failure") or {}
    cause = cause_of_failure(str(failure.get("Error", "")), str(failure.get("Cause", "")))
    status = settle_job(
        bootstrap.database(),
        bootstrap.language_model(),
        UUID(event["tenant_id"]),
        UUID(event["job_id"]),
        cause,
        event["generation"],
    )
    return {"status": status.value}
