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
from census.domain.page_claims import read_page_message
from census.domain.upload_events import read_ingest_message
from census.lambda_support.logging import begin_invocation
from census.ports.queue import Queue

AGAIN_SECONDS = 60


def handle(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Dead messages of the map, the ingest or the scrape queue."""
    log = begin_invocation(context.aws_request_id, "drain_dead_letters")

    def remaining_seconds() -> float:
        return max(1.0, float(context.get_remaining_time_in_millis()) / 1000)

    for record in event["Records"]:
        log.warning("A dead letter arrived.", message_id=record["messageId"])
        try:
            _drain(record, remaining_seconds)
        except UnavailableError:
            # No crash: the database or a queue was away. A new message begins with a count of its own.
            _queue_of(record["body"]).send(json.loads(record["body"]), delay_seconds=AGAIN_SECONDS)
        except ValueError:
            log.error("A dead letter is none of ours; dropped.", message_id=record["messageId"])
    return {"batchItemFailures": []}


def _queue_of(body: str) -> Queue:
    if read_page_message(body):
        return bootstrap.scrape_queue()
    return bootstrap.ingest_queue() if read_ingest_message(body).requests else bootstrap.map_queue()


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
