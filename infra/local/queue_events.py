"""What Lambda's queue poller says and hears: event records and partial batch answers. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from infra.local.deployment import ACCOUNT, REGION
from infra.local.lambda_runtime import Outcome


def batch_event(messages: Sequence[Any], queue_arn: str) -> dict[str, Any]:
    """The event for a batch of moto messages, exactly as Lambda delivers it."""
    return {"Records": [_record(message, queue_arn) for message in messages]}


def _record(message: Any, queue_arn: str) -> dict[str, Any]:
    attributes = {
        "ApproximateReceiveCount": str(message.approximate_receive_count),
        "SentTimestamp": str(message.sent_timestamp),
        "SenderId": f"{message.sender_id}:census-local",
        "ApproximateFirstReceiveTimestamp": str(message.approximate_first_receive_timestamp),
    }
    if message.group_id is not None:
        attributes["MessageGroupId"] = message.group_id
    return {
        "messageId": message.id,
        "receiptHandle": message.receipt_handle,
        "body": message.body,
        "attributes": attributes,
        "messageAttributes": {
            name: _attribute(attribute) for name, attribute in message.message_attributes.items()
        },
        "md5OfBody": message.body_md5,
        "eventSource": "aws:sqs",
        "eventSourceARN": queue_arn,
        "awsRegion": REGION,
    }


def _attribute(attribute: Mapping[str, Any]) -> dict[str, Any]:
    shaped: dict[str, Any] = {
        "stringListValues": [],
        "binaryListValues": [],
        "dataType": attribute["DataType"],
    }
    if attribute.get("StringValue") is not None:
        shaped["stringValue"] = attribute["StringValue"]
    if attribute.get("BinaryValue") is not None:
        shaped["binaryValue"] = attribute["BinaryValue"]
    return shaped


def finished_messages(sent: Sequence[str], outcome: Outcome, reports_item_failures: bool) -> list[str]:
    """Which of the message ids `sent` may be deleted.

    All of them after a success; with ReportBatchItemFailures, those that were not named. A function error, an
    empty or unknown `itemIdentifier`, or an answer of another shape fails the whole batch (AWS documentation,
    "Implementing partial batch responses").
    """
    if outcome.function_error:
        return []
    if not reports_item_failures:
        return list(sent)
    failed = _failed_messages(outcome.payload)
    if failed is None or not failed <= set(sent):
        return []
    return [message for message in sent if message not in failed]


def _failed_messages(payload: bytes) -> set[str] | None:
    """The ids reported as failed; none for an empty or null answer; None when the answer is malformed."""
    try:
        answer = json.loads(payload or b"null")
    except ValueError:
        return None
    if answer is None:
        return set()
    if not isinstance(answer, dict):
        return None
    rows = answer.get("batchItemFailures")
    if rows is None:
        return set()
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        return None
    ids = [row.get("itemIdentifier") for row in rows]
    if not all(isinstance(id, str) and id for id in ids):
        return None
    return {str(id) for id in ids}


def scheduled_event(rule: str, event_id: str, time: str) -> dict[str, Any]:
    """EventBridge's event of a schedule rule; `time` as 2026-01-31T12:00:00Z."""
    return {
        "version": "0",
        "id": event_id,
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "account": ACCOUNT,
        "time": time,
        "region": REGION,
        "resources": [f"arn:aws:events:{REGION}:{ACCOUNT}:rule/{rule}"],
        "detail": {},
    }
