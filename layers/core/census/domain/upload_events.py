"""What the ingest queue's messages say: S3's event notifications, and our own, which name a file.

Source: Amazon S3 User Guide, "Event message structure". Keys come URL-encoded, events repeated and out of
order; `sequencer` tells which of two events for one key is the later.
"""

import datetime as dt
import json
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote_plus

from census.domain.identity import parse_upload_key
from census.domain.plan import JsonObject


@dataclass(frozen=True)
class UploadedObject:
    """The bytes an event speaks of; `size` in bytes, `version` and `sequencer` where S3 gave them."""

    size: int
    version: str | None
    sequencer: str | None
    received_at: dt.datetime | None


@dataclass(frozen=True)
class IngestRequest:
    """A file to ingest; `uploaded` only where S3 reported new bytes, None where we remind ourselves."""

    tenant_id: uuid.UUID
    file_id: uuid.UUID
    uploaded: UploadedObject | None = None


@dataclass(frozen=True)
class IngestMessage:
    """What a message asks for, and what of it means nothing to us, in words for the log."""

    requests: tuple[IngestRequest, ...]
    ignored: tuple[str, ...] = ()


def reminder(tenant_id: uuid.UUID, file_id: uuid.UUID) -> JsonObject:
    """Our own message: look at this file again."""
    return {"tenant_id": str(tenant_id), "file_id": str(file_id)}


def read_ingest_message(body: str) -> IngestMessage:
    """Read a message of the ingest queue. Raises nothing: what is not for us is listed in `ignored`."""
    try:
        message = json.loads(body)
    except ValueError:
        return IngestMessage((), ("the message is no JSON",))
    if not isinstance(message, dict):
        return IngestMessage((), ("the message is no JSON object",))
    if message.get("Event") == "s3:TestEvent":
        return IngestMessage(())
    if "Records" in message:
        return _read_records(message["Records"])
    request = _read_reminder(message)
    return IngestMessage((request,)) if request else IngestMessage((), ("the message names no file",))


def _read_reminder(message: Mapping[str, Any]) -> IngestRequest | None:
    try:
        return IngestRequest(uuid.UUID(message["tenant_id"]), uuid.UUID(message["file_id"]))
    except (KeyError, ValueError, TypeError, AttributeError):
        return None


def _read_records(records: Any) -> IngestMessage:
    read = list(_each_record(records if isinstance(records, list) else [records]))
    return IngestMessage(
        tuple(one for one in read if isinstance(one, IngestRequest)),
        tuple(one for one in read if isinstance(one, str)),
    )


def _each_record(records: list[Any]) -> Iterator[IngestRequest | str]:
    for record in records:
        try:
            yield _read_record(record)
        except (KeyError, ValueError, TypeError, AttributeError) as error:
            yield f"a record is not as S3 writes them: {type(error).__name__}: {error}"


def _read_record(record: Mapping[str, Any]) -> IngestRequest | str:
    name, found = record["eventName"], record["s3"]["object"]
    if not name.startswith("ObjectCreated:"):
        return f"the event {name} brings no bytes"
    key = unquote_plus(found["key"])
    place = parse_upload_key(key)
    if place is None:
        return f"the key {key!r} is no upload of ours"
    uploaded = UploadedObject(
        int(found["size"]),
        found.get("versionId"),
        found.get("sequencer"),
        _time(record.get("eventTime")),
    )
    return IngestRequest(*place, uploaded)


def _time(text: Any) -> dt.datetime | None:
    try:
        time = dt.datetime.fromisoformat(text)
    except (ValueError, TypeError):
        return None
    return time if time.tzinfo else time.replace(tzinfo=dt.UTC)


def is_later(sequencer: str | None, than: str | None) -> bool:
    """Whether an event with `sequencer` follows the one with `than`, for the same key.

    S3: pad the shorter value on the right with zeros, then compare as text. Without a value on record every
    event is later; an event without a value follows nothing.
    """
    if than is None:
        return True
    if sequencer is None:
        return False
    width = max(len(sequencer), len(than))
    return sequencer.lower().ljust(width, "0") > than.lower().ljust(width, "0")
