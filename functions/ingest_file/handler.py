"""Ingests uploaded files: messages of the ingest queue, which S3 and our own reminders fill."""

import logging
from typing import Any

from census import bootstrap
from census.application.ingest_file import ingest_message

LOG = logging.getLogger(__name__)
SAFETY_SECONDS = 2.0
"""A claim ends before the function does, so that nobody takes a file while its worker may still write."""


def handle(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Each message by itself; those that broke off with an unforeseen error are delivered again."""

    def remaining_seconds() -> float:
        return float(context.get_remaining_time_in_millis()) / 1000

    failed = [record["messageId"] for record in event["Records"] if not _ingested(record, remaining_seconds)]
    return {"batchItemFailures": [{"itemIdentifier": message_id} for message_id in failed]}


def _ingested(record: dict[str, Any], remaining_seconds: Any) -> bool:
    try:
        ingest_message(bootstrap.ingestion(), record["body"], record["messageId"], remaining_seconds)
    except Exception:  # one message's misfortune must not repeat the work of the others
        LOG.exception("The message %s will be delivered again.", record["messageId"])
        return False
    return True
