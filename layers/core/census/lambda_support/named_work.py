"""Whose work the messages of a queue ask for: what log lines carry, and nothing else of a message."""

import json
import uuid
from collections.abc import Iterable, Iterator
from typing import Any

from census.domain.upload_events import read_ingest_message

_IDS = ("tenant_id", "job_id", "file_id", "page_id")


def named_work(bodies: Iterable[str]) -> dict[str, Any]:
    """`job_id` where all messages name one job, else `job_ids`, and likewise; `batches` as ordinals.

    Whatever is no id is left out, for a broken message may hold anything.
    """
    asked = [found for body in bodies for found in _asked(body)]
    keys: dict[str, Any] = {}
    for name in _IDS:
        values = sorted({str(one[name]) for one in asked if _is_id(one.get(name))})
        if values:
            keys |= {name: values[0]} if len(values) == 1 else {f"{name}s": values}
    batches = [one["batch"] for one in asked if type(one.get("batch")) is int]
    return keys | ({"batches": batches} if batches else {})


def _asked(body: str) -> Iterator[dict[str, Any]]:
    """A message of ours as it is; a notification of S3's as the files it names."""
    try:
        message = json.loads(body)
    except ValueError:
        return
    if not isinstance(message, dict):
        return
    if "Records" not in message:
        yield message
        return
    for request in read_ingest_message(body).requests:
        yield {"tenant_id": str(request.tenant_id), "file_id": str(request.file_id)}


def _is_id(value: object) -> bool:
    try:
        return isinstance(value, str) and bool(uuid.UUID(value))
    except ValueError:
        return False
