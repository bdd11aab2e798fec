"""Fetches pages from the web: messages of the scrape queue, which POST /pages, crawls and retries fill."""

from typing import Any

from census import bootstrap
from census.application.scrape_page import scrape_message
from census.lambda_support.invocation import observed
from census.lambda_support.logging import logger
from census.lambda_support.named_work import named_work


@observed("scrape_page")
def handle(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Each message by itself; those that broke off with an unforeseen error are delivered again."""
    failed = [record["messageId"] for record in event["Records"] if not _handled(record, context)]
    return {"batchItemFailures": [{"itemIdentifier": message_id} for message_id in failed]}


def _handled(record: dict[str, Any], context: Any) -> bool:
    def remaining_seconds() -> float:
        return float(context.get_remaining_time_in_millis()) / 1000

    logger().append_keys(**named_work([record["body"]]))
    try:
        scrape_message(bootstrap.page_scraping(), record["body"], record["messageId"], remaining_seconds)
    except Exception:  # noqa: BLE001  # one message's misfortune must not repeat the work of the others
        logger().exception("A message broke off and will be delivered again.", message_id=record["messageId"])
        return False
    return True
