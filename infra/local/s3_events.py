"""The event messages S3 sends to a queue. Pure. Source: Amazon S3 User Guide, "Event message structure"."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any
from urllib.parse import quote_plus

from infra.local.deployment import ACCOUNT, REGION, Bucket, Notification


@dataclass(frozen=True)
class Created:
    """An object that came into being. `name` is the event's (`ObjectCreated:Post`), `time` ISO 8601 UTC."""

    name: str
    key: str
    size: int
    etag: str
    version_id: str
    sequencer: str
    time: str
    request_id: str


def matching(bucket: Bucket, event_name: str, key: str) -> Iterator[Notification]:
    """The configurations of the bucket that ask for this event and this key."""
    for notification in bucket.notifications:
        asked = any(fnmatchcase(f"s3:{event_name}", pattern) for pattern in notification.events)
        if asked and key.startswith(notification.prefix) and key.endswith(notification.suffix):
            yield notification


def created_message(bucket: Bucket, notification: Notification, created: Created) -> dict[str, Any]:
    """The message for one object; the key with slashes kept and spaces as `+`."""
    record = {
        "eventVersion": "2.1",
        "eventSource": "aws:s3",
        "awsRegion": REGION,
        "eventTime": created.time,
        "eventName": created.name,
        "userIdentity": {"principalId": f"AWS:{ACCOUNT}"},
        "requestParameters": {"sourceIPAddress": "127.0.0.1"},
        "responseElements": {"x-amz-request-id": created.request_id, "x-amz-id-2": created.request_id},
        "s3": _about(bucket, notification, created),
    }
    return {"Records": [record]}


def _about(bucket: Bucket, notification: Notification, created: Created) -> dict[str, Any]:
    owner = {"principalId": ACCOUNT}
    return {
        "s3SchemaVersion": "1.0",
        "configurationId": notification.id,
        "bucket": {"name": bucket.name, "ownerIdentity": owner, "arn": f"arn:aws:s3:::{bucket.name}"},
        "object": {
            "key": quote_plus(created.key, safe="/"),
            "size": created.size,
            "eTag": created.etag,
            "versionId": created.version_id,
            "sequencer": created.sequencer,
        },
    }


def configured_message(bucket: Bucket, time: str, request_id: str) -> dict[str, Any]:
    """What S3 sends once when notifications are configured; it has no Records."""
    return {
        "Service": "Amazon S3",
        "Event": "s3:TestEvent",
        "Time": time,
        "Bucket": bucket.name,
        "RequestId": request_id,
        "HostId": request_id,
    }
