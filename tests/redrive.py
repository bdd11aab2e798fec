"""A queue and its dead letters in moto, which counts deliveries over both, as SQS does."""

import json
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import boto3

RECEIVES = 3
"""As the template has it."""


class Context:
    """What Lambda tells a function about its invocation."""

    aws_request_id = "request-1"

    def get_remaining_time_in_millis(self) -> int:
        return 60_000


@dataclass(frozen=True)
class Redrive:
    """Both queues by URL, and the ARN of the dead letters. What is not deleted is there again at once."""

    queue: str
    dead: str
    dead_arn: str

    def kill(self, *bodies: str) -> None:
        """Send messages, and let them be received as often as they may be without anybody deleting them."""
        sqs = boto3.client("sqs")
        for body in bodies:
            sqs.send_message(QueueUrl=self.queue, MessageBody=body)
        for _ in range((RECEIVES + 1) * len(bodies)):
            sqs.receive_message(QueueUrl=self.queue, MaxNumberOfMessages=10)

    def drain(self, handle: Callable[[dict[str, Any], Any], Any]) -> Mapping[str, Any] | None:
        """One dead letter's invocation; its record, None without a letter. What raises leaves it there."""
        sqs = boto3.client("sqs")
        found = sqs.receive_message(QueueUrl=self.dead, AttributeNames=["All"]).get("Messages", [])
        if not found:
            return None
        (message,) = found
        record = {
            "messageId": message["MessageId"],
            "body": message["Body"],
            "attributes": message["Attributes"],
            "eventSourceARN": self.dead_arn,
        }
        assert handle({"Records": [record]}, Context()) == {"batchItemFailures": []}
        sqs.delete_message(QueueUrl=self.dead, ReceiptHandle=message["ReceiptHandle"])
        return record


def made_redrive() -> Redrive:
    """New queues in the cloud that the environment names."""
    sqs, name = boto3.client("sqs"), uuid.uuid4().hex
    dead = sqs.create_queue(QueueName=f"{name}-dead", Attributes={"VisibilityTimeout": "0"})["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=dead, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    policy = json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": RECEIVES})
    queue = sqs.create_queue(QueueName=name, Attributes={"VisibilityTimeout": "0", "RedrivePolicy": policy})
    return Redrive(queue["QueueUrl"], dead, arn)
