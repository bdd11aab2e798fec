"""Gives what died in a queue one more run, alone, then records its failure."""

import json
from typing import Any

from census import bootstrap
from census.application.drain_dead_letters import CRASHED, drain_dead_batch
from census.application.expire_upload import fail_upload
from census.application.map_batch import batch_message
from census.domain.upload_events import read_ingest_message
from census.lambda_support.logging import begin_invocation


def handle(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Dead messages of the map or the ingest queue."""
    log = begin_invocation(context.aws_request_id, "drain_dead_letters")
    lease_seconds = max(1, int(context.get_remaining_time_in_millis() / 1000))
    for record in event["Records"]:
        log.warning("A dead letter arrived.", message_id=record["messageId"])
        _drain(record["body"], int(record["attributes"]["ApproximateReceiveCount"]), lease_seconds)
    return {"batchItemFailures": []}


def _drain(body: str, times_received: int, lease_seconds: int) -> None:
    uploads = read_ingest_message(body).requests
    for upload in uploads:
        fail_upload(bootstrap.database(), upload.tenant_id, upload.file_id, CRASHED)
    message = {} if uploads else json.loads(body)
    if "batch" in message:
        drain_dead_batch(bootstrap.map_tools(), batch_message(message), times_received, lease_seconds)
