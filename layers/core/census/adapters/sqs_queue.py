"""SQS as a queue of hints."""

import json
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import takewhile
from typing import Any

from census.adapters.aws_clients import aws_client, translated_errors
from census.domain.plan import JsonObject

ENTRIES_A_REQUEST = 10  # SQS's own limit
REQUESTS_IN_FLIGHT = 8


class SqsQueue:
    """One queue, by URL. Implements census.ports.queue.Queue."""

    def __init__(self, url: str) -> None:
        self._url = url

    def send(self, message: JsonObject, delay_seconds: int = 0) -> str:
        """See the port."""
        with translated_errors("Sending a message"):
            answer = aws_client("sqs").send_message(
                QueueUrl=self._url, DelaySeconds=delay_seconds, **_sent(message)
            )
        return str(answer["MessageId"])

    def send_many(self, messages: Sequence[JsonObject]) -> int:
        """See the port."""
        groups = [messages[i : i + ENTRIES_A_REQUEST] for i in range(0, len(messages), ENTRIES_A_REQUEST)]
        with ThreadPoolExecutor(REQUESTS_IN_FLIGHT) as pool, translated_errors("Sending messages"):
            sent = list(pool.map(self._send_group, groups))
        whole = list(takewhile(lambda pair: pair[0] == len(pair[1]), zip(sent, groups, strict=True)))
        return sum(count for count, _ in whole)

    def is_empty(self) -> bool:
        """See the port."""
        with translated_errors("Looking at a queue"):
            answer = aws_client("sqs").get_queue_attributes(
                QueueUrl=self._url,
                AttributeNames=[
                    "ApproximateNumberOfMessages",
                    "ApproximateNumberOfMessagesNotVisible",
                    "ApproximateNumberOfMessagesDelayed",
                ],
            )
        return not any(int(held) for held in answer["Attributes"].values())

    def _send_group(self, group: Sequence[JsonObject]) -> int:
        entries: list[dict[str, Any]] = [
            {"Id": str(number), **_sent(message)} for number, message in enumerate(group)
        ]
        answer = aws_client("sqs").send_message_batch(QueueUrl=self._url, Entries=entries)
        return len(answer.get("Successful", []))


def url_of(arn: str) -> str:
    """The URL of a queue of this account. Raises UnavailableError."""
    with translated_errors("Looking for a queue"):
        answer = aws_client("sqs").get_queue_url(QueueName=arn.rpartition(":")[2])
    return str(answer["QueueUrl"])


def _sent(message: JsonObject) -> dict[str, str]:
    """Its body, and its tenant as the group: on a standard queue no group can starve the others."""
    group = {"MessageGroupId": message["tenant_id"]} if "tenant_id" in message else {}
    return {"MessageBody": json.dumps(message, separators=(",", ":")), **group}
