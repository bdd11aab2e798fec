"""The HTTP interface (api.md) as Python calls. Nothing here knows how the stack is built."""

import time
import uuid
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlencode

from infra.local.api_shapes import Asked, Conversation, FileRow, Job, NewFile, PresignedPost, Route
from infra.local.client_errors import (
    ApiError,
    ConnectionLostError,
    UnexpectedAnswerError,
    UnsendableFileError,
    UploadRefusedError,
)
from infra.local.client_http import Reply, exchange, post_form
from infra.local.multipart import UploadForm

MAX_FILE_BYTES = 200 * 1024 * 1024
PAGE_SIZE = 200
PAUSES_SECONDS = (0.3, 1.0, 2.5)  # between attempts of a call that may be repeated
BUSY = frozenset({429, 503})
CONTENT_TYPES = {
    ".csv": "text/csv",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".eml": "message/rfc822",
    ".htm": "text/html",
    ".html": "text/html",
    ".json": "application/json",
    ".jsonl": "application/jsonl",
    ".md": "text/markdown",
    ".pdf": "application/pdf",
    ".pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    ".rtf": "application/rtf",
    ".tsv": "text/tab-separated-values",
    ".txt": "text/plain",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def content_type_of(path: Path) -> str:
    """By the ending alone; the tables of the operating system differ too much to be asked."""
    return CONTENT_TYPES.get(path.suffix.lower(), "application/octet-stream")


class CensusClient:
    """Calls one Census. Safe to share between threads; every call opens its own connection.

    Every method raises StackUnreachableError when nothing listens, ConnectionLostError when the answer is cut
    off, and ApiError with the interface's own reasons when it refuses. Calls that are safe to repeat are
    repeated up to three times after a lost connection, 429 or 503.
    """

    def __init__(
        self, base_url: str, token: str | None = None, pauses_seconds: Sequence[float] = PAUSES_SECONDS
    ) -> None:
        self.base_url = base_url.rstrip("/")
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}
        self._pauses = tuple(pauses_seconds)

    def health(self) -> dict[str, Any]:
        """GET /health."""
        return self._object("GET", "/health")

    def files(self, status: str | None = None) -> list[FileRow]:
        """All documents of the tenant, or those in one status, over all pages."""
        return [cast(FileRow, row) for row in self._pages("/files", status=status)]

    def upload_file(self, path: Path, *, filename: str | None = None, tags: Sequence[str] = ()) -> str:
        """Announce a file, send its bytes to the object store, return the document's id.

        The file is streamed. Raises UnsendableFileError (unreadable, above 200 MB, changed while read) and
        UploadRefusedError (the object store's own refusal).
        """
        name = filename or path.name
        size = _sendable_size(path, name)
        body: dict[str, Any] = {"filename": name, "content_type": content_type_of(path), "size": size}
        if tags:
            body["tags"] = list(tags)
        new = cast(NewFile, self._object("POST", "/files", body))
        self._send_bytes(new["upload"], path, name, size)
        return new["id"]

    def delete_file(self, file_id: str) -> None:
        """Remove a document with its passages; one that is already gone is fine."""
        try:
            self._call("DELETE", f"/files/{file_id}")
        except ApiError as error:
            if error.status != 404:
                raise

    def conversations(self) -> list[Conversation]:
        """The caller's conversations."""
        return [cast(Conversation, row) for row in self._pages("/conversations")]

    def start_conversation(self, title: str) -> Conversation:
        """POST /conversations."""
        return cast(Conversation, self._object("POST", "/conversations", {"title": title}))

    def ask(
        self, conversation_id: str, question: str, *, route: Route = "auto", key: str | None = None
    ) -> Asked:
        """Ask; `job` is in the answer when the whole collection must be read.

        `key` is the Idempotency-Key. Without one a fresh key is made, so that repeating after a lost
        connection never buys a second job.
        """
        path = f"/conversations/{conversation_id}/messages"
        headers = {"Idempotency-Key": key or str(uuid.uuid4())}
        return cast(Asked, self._object("POST", path, {"content": question, "route": route}, headers))

    def job(self, job_id: str) -> Job:
        """GET /jobs/{id}."""
        return cast(Job, self._object("GET", f"/jobs/{job_id}"))

    def rows(self, job_id: str) -> Iterator[dict[str, Any]]:
        """One row a document: item, status, fields, quotes; fetched page by page."""
        return self._pages(f"/jobs/{job_id}/rows")

    def _send_bytes(self, upload: PresignedPost, path: Path, name: str, size: int) -> None:
        form = UploadForm(upload["fields"], path, name, content_type_of(path), size)
        reply = post_form(upload["url"], form.mime, form.length, form)
        if not 200 <= reply.status < 300:
            raise UploadRefusedError(name, reply.status, reply.body.decode("utf-8", "replace"))

    def _pages(self, path: str, **wanted: str | None) -> Iterator[dict[str, Any]]:
        query = {"limit": str(PAGE_SIZE)} | {name: value for name, value in wanted.items() if value}
        while True:
            page = self._object("GET", f"{path}?{urlencode(query)}")
            yield from page.get("items", [])
            if not page.get("next_cursor"):
                return
            query["cursor"] = str(page["next_cursor"])

    def _object(
        self, method: str, path: str, body: object = None, headers: Mapping[str, str] | None = None
    ) -> dict[str, Any]:
        reply = self._call(method, path, body, headers)
        found = reply.json()
        if not isinstance(found, dict):
            raise UnexpectedAnswerError(reply.what, f"HTTP {reply.status} with {type(found).__name__}")
        return found

    def _call(
        self, method: str, path: str, body: object = None, headers: Mapping[str, str] | None = None
    ) -> Reply:
        extra = dict(headers or {})
        pauses = list(self._pauses if method != "POST" or "Idempotency-Key" in extra else ())
        while True:
            try:
                reply = exchange(method, self.base_url + path, self._headers | extra, body)
            except ConnectionLostError:
                if not pauses:
                    raise
            else:
                if reply.status < 400:
                    return reply
                if reply.status not in BUSY or not pauses:
                    raise ApiError(reply.what, reply.status, reply.problem())
            time.sleep(pauses.pop(0))


def _sendable_size(path: Path, name: str) -> int:
    try:
        with path.open("rb") as source:
            size = source.seek(0, 2)
    except OSError as error:
        raise UnsendableFileError(f"{name}: cannot be read ({error.strerror}).") from error
    if size > MAX_FILE_BYTES:
        raise UnsendableFileError(
            f"{name}: {size / 1024**2:,.0f} MB; at most {MAX_FILE_BYTES // 1024**2} MB can be sent."
        )
    return size
