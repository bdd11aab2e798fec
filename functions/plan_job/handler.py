"""First step of answer_job: pins the collection, cuts batches, prices the job."""

from typing import Any
from uuid import UUID

from census import bootstrap
from census.application.plan_job import plan_job, planned_to_json
from census.lambda_support.invocation import observed


@observed("plan_job")
def handle(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """The execution's input in; the same out, with `next`: `dispatch` or `end`."""
    tenant_id, job_id = UUID(event["tenant_id"]), UUID(event["job_id"])
    planned = plan_job(bootstrap.plan_tools(), tenant_id, job_id, event["generation"])
    return planned_to_json(planned, event)
