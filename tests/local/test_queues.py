"""Between queues and functions the stack does what Lambda does."""

import json
import time

from tests.local.rig import Rig, eventually


def test_a_message_arrives_as_lambda_delivers_it(rig: Rig) -> None:
    attributes = {"kind": {"DataType": "String", "StringValue": "letter"}}
    body = json.dumps({"mark": "shape"})
    sent = rig.sqs.send_message(QueueUrl=rig.queue("Inbox"), MessageBody=body, MessageAttributes=attributes)  # type: ignore[arg-type]
    (row,) = eventually(lambda: rig.deliveries("shape"))
    assert row["messageId"] == sent["MessageId"]
    assert row["md5OfBody"] == sent["MD5OfMessageBody"]
    assert row["eventSource"] == "aws:sqs"
    assert row["eventSourceARN"].endswith(":census-Inbox")
    assert row["awsRegion"] == "us-east-1"
    assert row["attributes"]["ApproximateReceiveCount"] == "1"
    assert int(row["attributes"]["SentTimestamp"]) > 1_600_000_000_000
    assert row["messageAttributes"]["kind"]["stringValue"] == "letter"
    assert row["receiptHandle"]


def test_messages_sent_within_the_window_come_together_up_to_the_batch_size(rig: Rig) -> None:
    entries = [{"Id": str(n), "MessageBody": json.dumps({"mark": "together", "n": n})} for n in range(5)]
    rig.sqs.send_message_batch(QueueUrl=rig.queue("Inbox"), Entries=entries)  # type: ignore[arg-type]
    eventually(lambda: len(rig.deliveries("together")) == 5)
    assert sorted(len(batch) for batch in rig.batches("together")) == [2, 3]


def test_only_the_failed_message_of_a_batch_comes_again(rig: Rig) -> None:
    entries = [
        {"Id": "good", "MessageBody": json.dumps({"mark": "partial-good"})},
        {"Id": "bad", "MessageBody": json.dumps({"mark": "partial-bad", "do": "fail"})},
    ]
    rig.sqs.send_message_batch(QueueUrl=rig.queue("Inbox"), Entries=entries)  # type: ignore[arg-type]
    eventually(lambda: len(rig.deliveries("partial-bad")) == 2)
    assert len(rig.deliveries("partial-good")) == 1
    counts = [row["attributes"]["ApproximateReceiveCount"] for row in rig.deliveries("partial-bad")]
    assert counts == ["1", "2"]


def test_a_failed_message_stays_hidden_for_the_visibility_time_out(rig: Rig) -> None:
    rig.send(mark="hidden", do="raise")
    eventually(lambda: len(rig.batches("hidden")) == 2)
    first, second = [b["at"] for b in rig.records("batches") if '"hidden"' in json.dumps(b).replace("\\", "")]
    assert second - first > 2.9, "hidden for four seconds, less the window in which it was received"


def test_an_empty_item_identifier_fails_the_whole_batch(rig: Rig) -> None:
    rig.send(mark="malformed", do="malformed")
    assert eventually(lambda: len(rig.deliveries("malformed")) == 2)


def test_a_message_received_too_often_moves_to_the_dead_letters(rig: Rig) -> None:
    sent = rig.send(mark="dead", do="raise")

    def find() -> list[str]:
        received = rig.sqs.receive_message(QueueUrl=rig.queue("Dead"), MaxNumberOfMessages=10)
        return [row["MessageId"] for row in received.get("Messages", []) if row["MessageId"] == sent]

    assert eventually(find)
    assert len(rig.deliveries("dead")) == 2


def test_a_delayed_message_waits(rig: Rig) -> None:
    sent = time.time()
    body = json.dumps({"mark": "delayed"})
    rig.sqs.send_message(QueueUrl=rig.queue("Inbox"), MessageBody=body, DelaySeconds=2)
    (row,) = eventually(lambda: rig.deliveries("delayed"))
    assert int(row["attributes"]["ApproximateFirstReceiveTimestamp"]) / 1000 - sent >= 1.9


def test_no_more_batches_run_at_once_than_the_template_allows(rig: Rig) -> None:
    for _ in range(8):
        entries = [
            {"Id": str(i), "MessageBody": json.dumps({"mark": "crowd", "do": "sleep"})} for i in range(3)
        ]
        rig.sqs.send_message_batch(QueueUrl=rig.queue("Inbox"), Entries=entries)  # type: ignore[arg-type]
    eventually(lambda: sum(slept["messages"] for slept in rig.records("sleeps")) == 24)
    sleeps = [(slept["began"], slept["ended"]) for slept in rig.records("sleeps")]
    running = [sum(1 for began, ended in sleeps if began <= start < ended) for start, _ in sleeps]
    assert max(running) == 2


def test_a_long_poll_of_a_client_answers(rig: Rig) -> None:
    received = rig.sqs.receive_message(QueueUrl=rig.queue("Unread"), WaitTimeSeconds=20)
    assert "Messages" not in received


def test_requests_are_counted_for_clients_and_for_the_poller(rig: Rig) -> None:
    counters = rig.stack.counters

    def is_quiet() -> bool:
        before = counters.total("sqs-poller")
        time.sleep(5.5)  # longer than the fixture's slowest batch, its window and its time of hiding
        return counters.total("sqs-poller") == before

    assert eventually(is_quiet)
    before = counters.requests
    rig.send(mark="counted")
    eventually(lambda: (counters.requests - before)["sqs-poller", "DeleteMessageBatch"])
    after = counters.requests - before
    assert after["sqs", "SendMessage"] == 1
    assert after["sqs-poller", "ReceiveMessage"] == 1
    assert after["sqs-poller", "DeleteMessageBatch"] == 1
