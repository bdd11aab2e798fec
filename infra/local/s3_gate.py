"""S3 as strict as AWS's in front of moto: policies, expiry, durable writes, events."""

from __future__ import annotations

import io
import json
import re
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from email.message import Message
from typing import IO, Any
from urllib.parse import parse_qs, quote, unquote
from xml.sax.saxutils import escape, unescape

from infra.local.deployment import ACCESS_KEY, REGION, Bucket
from infra.local.loopback_server import Request, Response
from infra.local.moto_app import MotoApp
from infra.local.object_store import ObjectStore
from infra.local.queues import Queues
from infra.local.s3_events import Created, configured_message, created_message, matching
from infra.local.signatures import S3Error, check_presigned, is_presigned
from infra.local.upload_form import Upload, read_upload
from infra.local.upload_policy import SizeRange, check_upload

KEPT_FIELDS = ("content-type", "content-disposition", "content-encoding", "cache-control", "expires")


class S3Gate:
    """Answers every S3 request of functions and clients."""

    def __init__(self, moto: MotoApp, store: ObjectStore, queues: Queues) -> None:
        self._moto = moto
        self._store = store
        self._queues = queues

    def announce(self, bucket: Bucket) -> None:
        """Sends the test event to each queue of the bucket's configuration, as S3 does when it is set.

        Then the events of the objects loaded from disk once more: those that were still in a queue when the
        last stack ended went with its memory. Each has its first sequencer, so that repetitions are known.
        """
        for notification in bucket.notifications:
            message = configured_message(bucket, _now_text(), uuid.uuid4().hex)
            self._queues.send(notification.queue_arn, json.dumps(message))
        for key in self._store.keys(bucket.name):
            self._send_created(bucket, key, "ObjectCreated:Put")

    def answer(self, request: Request) -> Response:
        name, _, encoded_key = request.path.lstrip("/").partition("/")
        bucket, key = self._store.bucket(unquote(name)), unquote(encoded_key)
        try:
            if is_presigned(request.query):
                check_presigned(request.method, request.path, request.query, _header_of(request), _now())
            if bucket and request.method == "POST" and not key and "delete" not in _parameters(request):
                return self._upload(bucket, request)
            response = self._moto.forward(request)
        except S3Error as error:
            return _refusal(error)
        if bucket and response.status < 300:
            self._after(bucket, key, request, response)
        return response

    def _upload(self, bucket: Bucket, request: Request) -> Response:
        def admit(fields: Mapping[str, str]) -> SizeRange:
            if not fields.get("key"):
                raise S3Error(400, "InvalidArgument", "Bucket POST must contain a field named 'key'.")
            return check_upload(fields, bucket.name, _now())

        upload = read_upload(request.body, request.headers.get("Content-Type", ""), admit)
        with upload.file:
            stored = self._moto.forward(_as_put(bucket.name, upload))
        if stored.status >= 300:
            return stored
        key = upload.fields["key"]
        self._store.save(bucket.name, key)
        self._send_created(bucket, key, "ObjectCreated:Post")
        return _posted(bucket.name, upload, stored)

    def _after(self, bucket: Bucket, key: str, request: Request, response: Response) -> None:
        """Makes a change durable, then tells the queues; all before the client hears of it."""
        parameters = _parameters(request)
        if request.method == "POST" and not key and "delete" in parameters:
            for deleted in re.findall(rb"<Deleted>.*?<Key>(.*?)</Key>", response.body, re.DOTALL):
                self._store.save(bucket.name, _unescape(deleted.decode()))
            return
        if (
            not key
            or request.method not in ("PUT", "POST", "DELETE")
            or parameters.keys() & {"tagging", "acl"}
        ):
            return
        event = _created_event(request, parameters)
        if event or request.method == "DELETE":
            self._store.save(bucket.name, key)
        if event:
            self._send_created(bucket, key, event)

    def _send_created(self, bucket: Bucket, key: str, event_name: str) -> None:
        version: Any = self._store.current(bucket.name, key)
        if version is None:
            return  # deleted again by somebody else in between
        created = Created(
            name=event_name,
            key=key,
            size=int(version.size),
            etag=version.etag.strip('"'),
            version_id=version.version_id,
            sequencer=f"{self._store.sequence_of(bucket.name, key, version.version_id):016X}",
            time=_now_text(),
            request_id=uuid.uuid4().hex[:16].upper(),
        )
        for notification in matching(bucket, event_name, key):
            self._queues.send(
                notification.queue_arn, json.dumps(created_message(bucket, notification, created))
            )


def _created_event(request: Request, parameters: Mapping[str, object]) -> str | None:
    """The name of the event a successful request means, if it made an object."""
    if request.method == "PUT" and "partNumber" not in parameters:
        return "ObjectCreated:Copy" if "x-amz-copy-source" in request.headers else "ObjectCreated:Put"
    if request.method == "POST" and "uploadId" in parameters:
        return "ObjectCreated:CompleteMultipartUpload"
    return None


def _as_put(bucket: str, upload: Upload) -> Request:
    """The same object as a PutObject request, which is what moto understands without reading a form."""
    headers = Message()
    headers["Host"] = "127.0.0.1"
    headers["Content-Length"] = str(upload.size)
    date = _now().strftime("%Y%m%d")
    scope = f"{ACCESS_KEY}/{date}/{REGION}/s3/aws4_request"
    headers["Authorization"] = f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=local"
    for name, value in upload.fields.items():
        if name in KEPT_FIELDS or name.startswith("x-amz-meta-"):
            headers[name] = value
    target = f"/{bucket}/{quote(upload.fields['key'], safe='/~-._')}"
    body: IO[bytes] | io.BufferedIOBase = upload.file
    return Request("PUT", target, headers, body, upload.size)  # type: ignore[arg-type]


def _posted(bucket: str, upload: Upload, stored: Response) -> Response:
    """S3's answer to a POST: 204, or 200 and 201 when `success_action_status` asks for them."""
    headers = [
        (name, value) for name, value in stored.headers if name.lower() in ("etag", "x-amz-version-id")
    ]
    key = upload.fields["key"]
    location = f"http://127.0.0.1/{bucket}/{quote(key)}"
    headers.append(("Location", location))
    status = upload.fields.get("success_action_status", "204")
    if status == "200":
        return Response(200, b"", headers)
    if status != "201":
        return Response(204, b"", headers)
    etag = next((value for name, value in headers if name.lower() == "etag"), "")
    body = f"<PostResponse><Location>{escape(location)}</Location><Bucket>{bucket}</Bucket>"
    body += f"<Key>{escape(key)}</Key><ETag>{escape(etag)}</ETag></PostResponse>"
    return Response(201, body.encode(), [*headers, ("Content-Type", "application/xml")])


def _refusal(error: S3Error) -> Response:
    details = "".join(f"<{name}>{value}</{name}>" for name, value in error.details.items())
    body = (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f"<Error><Code>{error.code}</Code><Message>{escape(error.message)}</Message>{details}"
        f"<RequestId>{uuid.uuid4().hex[:16].upper()}</RequestId><HostId>local</HostId></Error>"
    )
    return Response(error.status, body.encode(), [("Content-Type", "application/xml")])


def _parameters(request: Request) -> dict[str, list[str]]:
    return parse_qs(request.query, keep_blank_values=True)


def _header_of(request: Request) -> Any:
    return lambda name: str(request.headers.get(name, ""))


def _unescape(text: str) -> str:
    return unescape(text, {"&quot;": '"', "&#39;": "'"})


def _now() -> datetime:
    return datetime.now(UTC)


def _now_text() -> str:
    return _now().strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"
