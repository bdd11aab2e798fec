"""Ingests uploaded files: messages of the ingest queue, which S3 and our own reminders fill."""

from collections.abc import Callable
from typing import Any

from census import bootstrap
from census.application.ingest_file import LEAST_SECONDS, ingest_message, postpone_message
from census.lambda_support.invocation import observed
from census.lambda_support.logging import logger
from census.lambda_support.named_work import named_work


@observed("ingest_file")
def handle(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Each message by itself; those that broke off with an unforeseen error are delivered again."""

    def remaining_seconds() -> float:
        return float(context.get_remaining_time_in_millis()) / 1000

    failed = [
        record["messageId"]
        for number, record in enumerate(event["Records"])
        if not _handled(record, remaining_seconds, is_first=number == 0)
    ]
    return {"batchItemFailures": [{"itemIdentifier": message_id} for message_id in failed]}


def _handled(record: dict[str, Any], remaining_seconds: Callable[[], float], *, is_first: bool) -> bool:
    logger().append_keys(**named_work([record["body"]]))
    try:
        if is_first or remaining_seconds() >= LEAST_SECONDS:
            ingest_message(bootstrap.ingestion(), record["body"], record["messageId"], remaining_seconds)
        else:
            postpone_message(bootstrap.ingestion(), record["body"])
    except Exception:  # noqa: BLE001  # one message's misfortune must not repeat the work of the others
        logger().exception("A message broke off and will be delivered again.", message_id=record["messageId"])
        return False
    return True
