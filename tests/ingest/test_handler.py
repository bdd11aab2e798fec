"""The function ingest_file, with its real queue: what becomes of each message of a batch."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import boto3
import pytest

from census import bootstrap
from functions.ingest_file.handler import handle
from tests.ingest.house import BUCKET, House

UNUSED_SETTINGS = (
    *("SCRAPE_QUEUE_URL", "MAP_QUEUE_URL", "RECONCILE_QUEUE_URL", "MODEL_NAME", "STRONG_MODEL_NAME"),
    *("MODEL_TIMEOUT_SECONDS", "MODEL_CALLS_IN_FLIGHT", "JOB_DEADLINE_SECONDS"),
    *("RECONCILE_SECONDS", "UPLOAD_EXPIRY_SECONDS"),
)


@dataclass
class Context:
    """What Lambda tells a function about its invocation."""

    left: list[int]
    aws_request_id: str = "request-1"

    def get_remaining_time_in_millis(self) -> int:
        return self.left.pop(0) if len(self.left) > 1 else self.left[0]


@pytest.fixture
def queue_url(house: House, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The deployed environment around a house: settings as the template gives them, and the ingest queue."""
    url = boto3.client("sqs").create_queue(QueueName=f"ingest-{house.tenant_id}")["QueueUrl"]
    for name in UNUSED_SETTINGS:
        monkeypatch.setenv(name, "60")
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setenv("DOCUMENTS_BUCKET", BUCKET)
    monkeypatch.setenv("INGEST_QUEUE_URL", url)
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    bootstrap.forget()
    yield url
    bootstrap.database().engine.dispose()
    bootstrap.forget()


def event(*bodies: str) -> dict[str, Any]:
    return {"Records": [{"messageId": f"m{n}", "body": body} for n, body in enumerate(bodies, 1)]}


def test_a_batch_of_good_bad_and_foreign_messages_is_done_with(house: House, queue_url: str) -> None:
    good, empty = house.announce("a.txt"), house.announce("b.txt")
    bodies = (house.upload(good, b"Fine words."), house.upload(empty, b""), "nonsense")

    assert handle(event(*bodies), Context([120_000])) == {"batchItemFailures": []}
    assert (house.row(good)["status"], house.row(empty)["status"]) == ("completed", "failed")
    assert house.row(good)["job_id"] == "m1"


def test_a_message_that_breaks_off_is_delivered_again_and_the_others_are_not(
    house: House, queue_url: str
) -> None:
    broken, good = house.announce("a.txt"), house.announce("b.txt")
    batch = event(house.upload(broken, b"Words."), house.upload(good, b"Fine words."))
    batch["Records"][0]["messageId"] = "no \x00 in PostgreSQL"

    answer = handle(batch, Context([120_000]))
    assert answer == {"batchItemFailures": [{"itemIdentifier": "no \x00 in PostgreSQL"}]}
    assert house.row(good)["status"] == "completed"


def test_while_the_database_is_out_of_reach_messages_are_delivered_again(
    house: House, queue_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = house.upload(house.announce(), b"Words.")
    monkeypatch.setenv("DATABASE_URL", "postgresql://census_owner@127.0.0.1:1/census")
    bootstrap.forget()

    assert handle(event(body), Context([120_000])) == {"batchItemFailures": [{"itemIdentifier": "m1"}]}


def test_a_message_for_which_no_time_is_left_goes_to_another_worker(house: House, queue_url: str) -> None:
    first, second = house.announce("a.txt"), house.announce("b.txt")
    bodies = (house.upload(first, b"One."), house.upload(second, b"Two."))

    assert handle(event(*bodies), Context([120_000, 29_000])) == {"batchItemFailures": []}
    assert (house.row(first)["status"], house.row(second)["status"]) == ("completed", "pending")
    received = boto3.client("sqs").receive_message(QueueUrl=queue_url)["Messages"]
    assert [message["Body"] for message in received] == [
        json.dumps(json.loads(bodies[1]), separators=(",", ":"))
    ]
