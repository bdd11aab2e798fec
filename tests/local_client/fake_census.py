"""A small server that speaks the HTTP interface, and can be told to fail in the ways a network fails.

It keeps documents, conversations and jobs in memory. A document is read after `polls_to_read` looks at the
list; a job moves one phase a look. The object store is behind the same port and as strict as S3: fields
first, `file` last, a Content-Length, no more bytes than allowed.
"""

import json
import re
import threading
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.local_client.canned import citation, problem

PHASES = ("queued", "planning", "mapping", "reducing", "done")
Reply = tuple[int, Any]


@dataclass(frozen=True)
class Request:
    """What a client sent."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True)
class Fault:
    """How the next call to `call` (such as "GET /files") goes wrong; without a status the connection drops.

    With `acted` it drops after the server has done what was asked.
    """

    call: str
    status: int | None = None
    acted: bool = False
    body: Any = None


@dataclass
class FakeCensus:
    """The server's state and answers; serving.py gives it a port."""

    url: str = ""  # where it listens
    polls_to_read: int = 2
    page_size: int = 200
    largest_upload: int = 10_000_000
    unreadable: Mapping[str, str] = field(default_factory=dict)  # file name → reason
    answers: dict[str, dict[str, Any]] = field(default_factory=dict)  # question → result of its job
    final_status: str = "completed"
    faults: list[Fault] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)
    files: dict[str, dict[str, Any]] = field(default_factory=dict)
    stored: dict[str, bytes] = field(default_factory=dict)  # file id → bytes
    jobs: dict[str, dict[str, Any]] = field(default_factory=dict)
    rows: list[dict[str, Any]] = field(default_factory=list)
    _asked: dict[str, Reply] = field(default_factory=dict)
    _lock: threading.RLock = field(default_factory=threading.RLock)

    def called(self, call: str) -> list[Request]:
        """The requests to `METHOD /path`, in order."""
        return [request for request in self.requests if f"{request.method} {request.path}" == call]

    def take_fault(self, request: Request) -> Fault | None:
        with self._lock:
            self.requests.append(request)
            for fault in self.faults:
                if fault.call == f"{request.method} {request.path}":
                    self.faults.remove(fault)
                    return fault
        return None

    def answer(self, request: Request) -> Reply:
        routes = (
            ("GET /health", self._health),
            ("GET /files", self._list_files),
            ("POST /files", self._new_file),
            ("DELETE /files/(?P<id>.+)", self._delete_file),
            ("POST /store", self._store),
            ("POST /conversations", self._new_conversation),
            ("POST /conversations/(?P<id>[^/]+)/messages", self._ask),
            ("GET /jobs/(?P<id>[^/]+)", self._job),
            ("GET /jobs/(?P<id>[^/]+)/rows", self._rows),
        )
        for pattern, act in routes:
            found = re.fullmatch(pattern, f"{request.method} {request.path}")
            if found:
                with self._lock:
                    return act(request, **found.groupdict())
        return 404, problem(404, "Not found", f"There is no {request.path}")

    def add_file(self, filename: str, status: str) -> str:
        file_id = str(uuid.uuid4())
        self.files[file_id] = {
            "id": file_id,
            "filename": filename,
            "status": status,
            "processing_error": None,
        }
        self.files[file_id]["looks"] = 0
        return file_id

    def _health(self, _request: Request) -> Reply:
        return 200, {"status": "ok"}

    def _list_files(self, request: Request) -> Reply:
        for row in self.files.values():
            self._read_further(row)
        status = request.query.get("status")
        return 200, self._page(request, [r for r in self.files.values() if status in (None, r["status"])])

    def _read_further(self, row: dict[str, Any]) -> None:
        row["looks"] += row["status"] == "processing"
        if row["looks"] > self.polls_to_read:
            reason = self.unreadable.get(row["filename"])
            row["status"] = "failed" if reason else "completed"
            row["processing_error"] = reason and {
                "code": "unreadable", "stage": "extract", "message": reason, "retryable": False,
            }  # fmt: skip

    def _new_file(self, request: Request) -> Reply:
        file_id = self.add_file(request.json()["filename"], "pending")
        fields = {"key": file_id, "policy": "cG9saWN5", "x-amz-signature": "00ff"}
        return 201, {
            "id": file_id,
            "status": "pending",
            "upload": {"url": f"{self.url}/store", "fields": fields},
        }

    def _delete_file(self, _request: Request, id: str) -> Reply:
        return (204, None) if self.files.pop(id, None) else (404, problem(404, "Not found", "No such file"))

    def _store(self, request: Request) -> Reply:
        boundary = request.headers["content-type"].split("boundary=")[1].encode()
        parts = [part.split(b"\r\n\r\n", 1) for part in request.body.split(b"--" + boundary)[1:-1]]
        names = [re.findall(rb' name="([^"]*)"', head)[0].decode() for head, _ in parts]
        if names[-1] != "file" or "policy" not in names[:-1]:
            return 403, "<Error><Code>AccessDenied</Code><Message>file must come last</Message></Error>"
        content = parts[-1][1].removesuffix(b"\r\n")
        if len(content) > self.largest_upload:
            return 400, "<Error><Code>EntityTooLarge</Code><Message>too large</Message></Error>"
        file_id = parts[names.index("key")][1].removesuffix(b"\r\n").decode()
        self.stored[file_id] = content
        self.files[file_id]["status"] = "processing"
        return 204, None

    def _new_conversation(self, request: Request) -> Reply:
        return 201, {
            "id": str(uuid.uuid4()),
            "title": request.json()["title"],
            "created_at": "2026-01-01T00:00:00Z",
        }

    def _ask(self, request: Request, id: str) -> Reply:
        key = request.headers.get("idempotency-key", str(uuid.uuid4()))
        if key not in self._asked:
            self._asked[key] = self._answer_to(request.json()["content"], id)
        return self._asked[key]

    def _answer_to(self, question: str, conversation_id: str) -> Reply:
        message: dict[str, Any] = {
            "id": str(uuid.uuid4()),
            "role": "assistant",
            "content": None,
            "citations": [],
            "job_id": None,
        }
        if question not in self.answers:
            quote = citation(1, "The notice period is nine months.")
            route = {"kind": "lookup", "reason": "one fact is asked for"}
            return 201, {
                "message": message | {"content": "Nine months.", "citations": [quote]},
                "route": route,
            }
        job = self._new_job(question, conversation_id)
        route = {"kind": "collection", "reason": "it asks how many documents there are"}
        return 202, {"message": message | {"job_id": job["id"]}, "route": route, "job": job}

    def _new_job(self, question: str, conversation_id: str) -> dict[str, Any]:
        job: dict[str, Any] = {
            "id": str(uuid.uuid4()), "conversation_id": conversation_id, "user_query": question,
            "status": "queued", "current_phase": "queued", "progress": 0.0,
            "total_items": 0, "processed_items": 0,
            "eta": {"p50_seconds": 3, "p90_seconds": 5}, "result": None, "error_message": None,
        }  # fmt: skip
        self.jobs[job["id"]] = job
        return dict(job)

    def _job(self, _request: Request, id: str) -> Reply:
        job = self.jobs[id]
        phase = PHASES[min(PHASES.index(job["current_phase"]) + 1, len(PHASES) - 1)]
        job |= {"current_phase": phase, "status": "processing", "progress": PHASES.index(phase) / 4}
        job |= {"total_items": 30, "processed_items": 30 * (phase in PHASES[3:])}
        if phase == "done":
            job |= {"status": self.final_status, "result": self.answers[job["user_query"]]}
            job |= {
                "error_message": None
                if self.final_status == "completed"
                else "two documents could not be read"
            }
        return 200, dict(job)

    def _rows(self, request: Request, id: str) -> Reply:
        return 200, self._page(request, self.rows)

    def _page(self, request: Request, items: list[dict[str, Any]]) -> dict[str, Any]:
        begin = int(request.query.get("cursor", 0))
        end = begin + min(self.page_size, int(request.query.get("limit", 50)))
        return {"items": items[begin:end], "next_cursor": str(end) if end < len(items) else None}
