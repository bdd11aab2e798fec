"""What every queue promises, held against the fake and against SQS over HTTP."""

import json
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import boto3
import pytest

from census.adapters.sqs_queue import SqsQueue
from census.domain.errors import UnavailableError
from census.domain.plan import JsonObject
from census.ports.queue import Queue
from tests.fakes.memory_queue import MemoryQueue
from tests.moto_cloud import empty_cloud, moto_server


@dataclass(frozen=True)
class QueueUnderTest:
    """A queue, what a receiver gets from it now, and the same queue taken away."""

    queue: Queue
    receive: Callable[[], list[JsonObject]]
    break_down: Callable[[], None]


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    with moto_server() as made, empty_cloud(made, "eu-central-1"):
        yield made


def in_memory() -> QueueUnderTest:
    queue = MemoryQueue()

    def break_down() -> None:
        queue.room = 0

    return QueueUnderTest(queue, queue.receive, break_down)


def over_http() -> QueueUnderTest:
    sqs = boto3.client("sqs")
    url = sqs.create_queue(QueueName=uuid.uuid4().hex)["QueueUrl"]

    def receive() -> list[JsonObject]:
        found = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
        for message in found:
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        return [json.loads(message["Body"]) for message in found]

    return QueueUnderTest(SqsQueue(url), receive, lambda: sqs.delete_queue(QueueUrl=url) and None)


@pytest.fixture(params=[in_memory, over_http])
def under_test(request: pytest.FixtureRequest, endpoint: str) -> QueueUnderTest:
    made: QueueUnderTest = request.param()
    return made


def drained(under_test: QueueUnderTest) -> list[JsonObject]:
    found: list[JsonObject] = []
    while some := under_test.receive():
        found += some
    return found


def test_a_message_arrives_as_it_was_sent(under_test: QueueUnderTest) -> None:
    under_test.queue.send({"job_id": "j", "batch": 7})
    assert under_test.receive() == [{"job_id": "j", "batch": 7}]


def test_each_message_has_an_id_of_its_own(under_test: QueueUnderTest) -> None:
    assert under_test.queue.send({"batch": 1}) != under_test.queue.send({"batch": 1})


def test_many_messages_all_arrive(under_test: QueueUnderTest) -> None:
    sent = under_test.queue.send_many([{"batch": number} for number in range(25)])
    assert sent == 25
    assert sorted(message["batch"] for message in drained(under_test)) == list(range(25))


def test_sending_nothing_is_no_error(under_test: QueueUnderTest) -> None:
    assert under_test.queue.send_many([]) == 0


def test_a_delayed_message_is_not_there_yet(under_test: QueueUnderTest) -> None:
    under_test.queue.send({"batch": 1}, delay_seconds=900)
    assert under_test.receive() == []


def test_a_queue_whose_messages_all_wait_for_their_time_is_not_empty(under_test: QueueUnderTest) -> None:
    under_test.queue.send({"batch": 1}, delay_seconds=900)
    assert not under_test.queue.is_empty()


def test_a_queue_whose_message_is_with_a_receiver_is_not_empty(endpoint: str) -> None:
    sqs = boto3.client("sqs")
    url = sqs.create_queue(QueueName=uuid.uuid4().hex)["QueueUrl"]
    SqsQueue(url).send({"batch": 1})
    sqs.receive_message(QueueUrl=url)
    assert not SqsQueue(url).is_empty()


def test_a_queue_with_a_message_is_not_empty_and_one_without_is(under_test: QueueUnderTest) -> None:
    assert under_test.queue.is_empty()
    under_test.queue.send({"batch": 1})
    assert not under_test.queue.is_empty()


def test_more_than_fifteen_minutes_of_delay_are_refused(under_test: QueueUnderTest) -> None:
    with pytest.raises(UnavailableError):
        under_test.queue.send({"batch": 1}, delay_seconds=901)


def test_a_queue_that_does_not_answer_says_so(under_test: QueueUnderTest) -> None:
    under_test.break_down()
    with pytest.raises(UnavailableError):
        under_test.queue.send({"batch": 1})


def test_what_a_broken_queue_did_not_take_is_not_counted_as_sent(under_test: QueueUnderTest) -> None:
    under_test.break_down()
    try:
        sent = under_test.queue.send_many([{"batch": number} for number in range(25)])
    except UnavailableError:
        sent = 0
    assert sent == 0


def test_messages_of_a_tenant_are_a_group_so_that_none_starves_the_others(endpoint: str) -> None:
    sqs = boto3.client("sqs")
    url = sqs.create_queue(QueueName=uuid.uuid4().hex)["QueueUrl"]
    queue = SqsQueue(url)
    queue.send({"tenant_id": "a", "batch": 1})
    queue.send_many([{"tenant_id": "b", "batch": 2}])
    groups = set()
    for _ in range(2):
        found = sqs.receive_message(QueueUrl=url, AttributeNames=["MessageGroupId"], MaxNumberOfMessages=10)
        groups |= {message["Attributes"]["MessageGroupId"] for message in found.get("Messages", [])}
    assert groups == {"a", "b"}
