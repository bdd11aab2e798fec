"""Reads batches: up to ten messages an invocation, their model calls side by side."""

import json
from typing import Any

from census import bootstrap
from census.application.map_batch import BatchMessage, batch_message, map_batch
from census.lambda_support.invocation import observed
from census.lambda_support.logging import logger


@observed("map_batch")
def handle(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Messages of the map queue in; an error gives them all back, which repeats no recorded work."""
    read = [_message(record) for record in event["Records"]]
    messages = [message for message in read if message is not None]
    lease_seconds = max(1, int(context.get_remaining_time_in_millis() / 1000))
    map_batch(bootstrap.map_tools(), messages, lease_seconds)
    return {"batchItemFailures": []}


def _message(record: dict[str, Any]) -> BatchMessage | None:
    try:
        return batch_message(json.loads(record["body"]))
    except (ValueError, KeyError, TypeError):
        logger().error("A message of the map queue is none of ours; dropped.", message_id=record["messageId"])
        return None
