"""Gives what died in a queue one more run, alone; dying there as well, it has failed.

SQS counts a message's deliveries over both queues, so a dead letter's own count says nothing about its run
here. It therefore goes back to its queue as a new message with a mark, and the marked one's count does.
"""

import json
from collections.abc import Callable
from typing import Any

from census import bootstrap
from census.application.drain_dead_letters import CRASHED, drain_dead_batch, is_alone, made_alone
from census.application.expire_upload import fail_upload
from census.application.ingest_file import ingest_message
from census.application.map_batch import batch_message
from census.application.scrape_page import fail_page, scrape_message
from census.domain.errors import UnavailableError
from census.domain.measures import DEAD_LETTERS
from census.domain.page_claims import read_page_message
from census.domain.upload_events import read_ingest_message
from census.lambda_support.invocation import observed
from census.lambda_support.logging import logger
from census.ports.metrics import count
from census.ports.queue import Queue

AGAIN_SECONDS = 60
ARRIVED = "A dead letter arrived: what it asks for killed its worker every time. It runs once more, alone."


@observed("drain_dead_letters")
def handle(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Dead messages of the map, the ingest or the scrape queue."""

    def remaining_seconds() -> float:
        return max(1.0, float(context.get_remaining_time_in_millis()) / 1000)

    for record in event["Records"]:
        _take(record, remaining_seconds)
    return {"batchItemFailures": []}


def _take(record: dict[str, Any], remaining_seconds: Callable[[], float]) -> None:
    body = record["body"]
    try:
        alone = is_alone(body)
    except ValueError:
        _arrive(record, "unknown")
        logger().error("A dead letter is none of ours; dropped.", message_id=record["messageId"])
        return
    try:
        if alone:
            _run_alone(record, remaining_seconds)
        else:
            _arrive(record, _queue_name(body))
    except UnavailableError:
        # No crash: the database or a queue was away. A new message begins with a count of its own.
        _own_queue(record).send(made_alone(body), delay_seconds=AGAIN_SECONDS)
    except ValueError:
        logger().error("A dead letter is none of ours; dropped.", message_id=record["messageId"])


def _arrive(record: dict[str, Any], queue: str) -> None:
    count(bootstrap.metrics(), DEAD_LETTERS, Queue=queue)
    logger().warning(ARRIVED, extra={"message_id": record["messageId"], "queue": queue})
    if queue != "unknown":
        _own_queue(record).send(made_alone(record["body"]))


def _own_queue(record: dict[str, Any]) -> Queue:
    return bootstrap.queue_by_arn(record["eventSourceARN"])


def _queue_name(body: str) -> str:
    if read_page_message(body):
        return "scrape"
    if read_ingest_message(body).requests:
        return "ingest"
    return "map" if '"batch"' in body else "unknown"


def _run_alone(record: dict[str, Any], remaining_seconds: Callable[[], float]) -> None:
    body, times = record["body"], int(record["attributes"]["ApproximateReceiveCount"])
    uploads, page = read_ingest_message(body).requests, read_page_message(body)
    if page and times <= 1:
        scrape_message(bootstrap.page_scraping(), body, record["messageId"], remaining_seconds)
    elif page:
        fail_page(bootstrap.database(), *page, CRASHED)
    elif uploads and times <= 1:
        ingest_message(bootstrap.ingestion(), body, record["messageId"], remaining_seconds)
    elif uploads:
        for upload in uploads:
            fail_upload(bootstrap.database(), upload.tenant_id, upload.file_id, CRASHED)
    elif "batch" in (message := json.loads(body)):
        drain_dead_batch(bootstrap.map_tools(), batch_message(message), times, int(remaining_seconds()))
