"""Second step of answer_job: keeps the task token and sends the batches; the last one read answers it."""

from typing import Any
from uuid import UUID

from census import bootstrap
from census.application.dispatch_batches import dispatch_batches
from census.lambda_support.invocation import observed


@observed("dispatch_batches")
def handle(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """Ids and the task token in; how many messages went out."""
    sent = dispatch_batches(
        bootstrap.database(),
        bootstrap.map_queue(),
        bootstrap.workflow(),
        UUID(event["tenant_id"]),
        UUID(event["job_id"]),
        event["generation"],
        event["task_token"],
    )
    return {"sent": sent}
