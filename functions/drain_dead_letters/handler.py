"""Gives what died in a queue one more run, alone; a second delivery records its failure."""

import json
from collections.abc import Callable
from typing import Any

from census import bootstrap
from census.application.drain_dead_letters import CRASHED, drain_dead_batch
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
        queue = _queue_name(record["body"])
        count(bootstrap.metrics(), DEAD_LETTERS, Queue=queue)
        logger().warning(ARRIVED, extra={"message_id": record["messageId"], "queue": queue})
        try:
            _drain(record, remaining_seconds)
        except UnavailableError:
            # No crash: the database or a queue was away. A new message begins with a count of its own.
            _queue_of(queue).send(json.loads(record["body"]), delay_seconds=AGAIN_SECONDS)
        except ValueError:
            logger().error("A dead letter is none of ours; dropped.", message_id=record["messageId"])
    return {"batchItemFailures": []}


def _queue_name(body: str) -> str:
    if read_page_message(body):
        return "scrape"
    if read_ingest_message(body).requests:
        return "ingest"
    return "map" if '"batch"' in body else "unknown"


def _queue_of(name: str) -> Queue:
    queues = {"scrape": bootstrap.scrape_queue, "ingest": bootstrap.ingest_queue}
    return queues.get(name, bootstrap.map_queue)()


def _drain(record: dict[str, Any], remaining_seconds: Callable[[], float]) -> None:
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
