"""Last step of answer_job: judges, aggregates, answers."""

from typing import Any
from uuid import UUID

from census import bootstrap
from census.application.reduce_job import reduce_job
from census.lambda_support.invocation import observed


@observed("reduce_job")
def handle(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """The execution's data in; the state the job ended in."""
    status = reduce_job(
        bootstrap.fold_tools(context.get_remaining_time_in_millis),
        UUID(event["tenant_id"]),
        UUID(event["job_id"]),
        event["generation"],
    )
    return {"status": status.value}
