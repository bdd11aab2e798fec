"""The index over HTTP: routes, credentials, limits, and the faults a test asks for."""

import base64
import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Self
from urllib.parse import parse_qs

from infra.local.loopback_server import LoopbackServer, Request, Response
from tests.pinecone_server.index import MOST_BYTES, MOST_LISTED, PineconeIndex, RefusedError

Json = dict[str, Any]
API_VERSION = "2026-07"


@dataclass
class Faults:
    """What goes wrong next. `answers`: status and headers of the next calls, first to last."""

    answers: list[tuple[int, dict[str, str]]] = field(default_factory=list)
    slow_seconds: float = 0.0
    hide_positions: bool = False
    """Leave out the headers that tell how far reads have come."""
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def next_answer(self) -> tuple[int, dict[str, str]] | None:
        """The fault of this call, if it has one."""
        with self._lock:
            return self.answers.pop(0) if self.answers else None


class PineconeServer:
    """Serves `index` on loopback while the block runs; `calls` lists what it was asked, as `METHOD path`."""

    def __init__(
        self, index: PineconeIndex, faults: Faults | None = None, *, api_key: str = "test-key", port: int = 0
    ) -> None:
        self.index = index
        self.faults = faults or Faults()
        self.api_key = api_key
        self.calls: list[str] = []
        self._stopping = threading.Event()
        self._server = LoopbackServer(self._answer, port=port, name="pinecone")
        self._routes: dict[str, Callable[[Request, bytes], Json]] = {
            "POST /vectors/upsert": self._upsert,
            "POST /vectors/delete": self._delete,
            "POST /query": self._query,
            "POST /describe_index_stats": self._stats,
            "GET /vectors/list": self._list,
            "GET /vectors/fetch": self._fetch,
            "GET /namespaces": self._namespaces,
        }

    def __enter__(self) -> Self:
        self._server.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        self._server.stop()

    @property
    def host(self) -> str:
        """What PINECONE_HOST takes."""
        return self._server.url

    def count(self, call: str) -> int:
        """How often a call such as `POST /query` was made."""
        return self.calls.count(call)

    def _answer(self, request: Request) -> Response:
        call = f"{request.method} {request.path}"
        self.calls.append(call)
        body = request.body.read()
        fault = self.faults.next_answer()
        if self.faults.slow_seconds:
            self._stopping.wait(self.faults.slow_seconds)
        if fault is not None:
            return _error(fault[0], "a fault that was asked for", fault[1])
        try:
            self._check(request, body)
            route = self._routes.get(call)
            if route is None:
                raise RefusedError(404, f"There is no {call}")
            return _json(200, route(request, body), self._positions(call))
        except RefusedError as refused:
            return _error(refused.status, str(refused))

    def _check(self, request: Request, body: bytes) -> None:
        if request.headers.get("Api-Key") != self.api_key:
            raise RefusedError(401, "Invalid API Key")
        if request.headers.get("X-Pinecone-Api-Version") != API_VERSION:
            raise RefusedError(400, "Unsupported API version")
        if len(body) > MOST_BYTES:
            raise RefusedError(413, f"Request size {len(body)} bytes exceeds the maximum of {MOST_BYTES}")

    def _positions(self, call: str) -> dict[str, str]:
        if self.faults.hide_positions:
            return {}
        if call in ("POST /vectors/upsert", "POST /vectors/delete"):
            return {"x-pinecone-request-lsn": str(self.index.committed)}
        return {"x-pinecone-max-indexed-lsn": str(self.index.reconciled)} if call == "POST /query" else {}

    def _upsert(self, _: Request, body: bytes) -> Json:
        asked = json.loads(body)
        return {"upsertedCount": self.index.upsert(asked.get("namespace", ""), asked["vectors"])}

    def _delete(self, _: Request, body: bytes) -> Json:
        asked = json.loads(body)
        self.index.delete(asked.get("namespace", ""), asked["ids"])
        return {}

    def _query(self, _: Request, body: bytes) -> Json:
        asked = json.loads(body)
        namespace = asked.get("namespace", "")
        matches = self.index.query(namespace, asked)
        return {"matches": matches, "namespace": namespace, "usage": {"readUnits": 1}}

    def _stats(self, _: Request, __: bytes) -> Json:
        counts = {name: len(self.index.records(name)) for name in self.index.namespaces()}
        return {
            "namespaces": {name: {"vectorCount": count} for name, count in counts.items()},
            "dimension": self.index.dimension,
            "indexFullness": 0,
            "totalVectorCount": sum(counts.values()),
            "metric": "cosine",
            "vectorType": "dense",
        }

    def _list(self, request: Request, _: bytes) -> Json:
        asked = {name: values[0] for name, values in parse_qs(request.query).items()}
        namespace, limit = asked.get("namespace", ""), int(asked.get("limit", MOST_LISTED))
        after = base64.b64decode(asked.get("paginationToken", "")).decode()
        ids = sorted(self.index.records(namespace))
        found = [name for name in ids if name.startswith(asked.get("prefix", "")) and name > after]
        answer: Json = {"vectors": [{"id": name} for name in found[:limit]], "namespace": namespace}
        if len(found) > limit:
            answer["pagination"] = {"next": base64.b64encode(found[limit - 1].encode()).decode()}
        return answer

    def _fetch(self, request: Request, _: bytes) -> Json:
        asked = parse_qs(request.query)
        namespace = asked.get("namespace", [""])[0]
        records = self.index.records(namespace)
        found = {name: records[name] for name in asked["ids"] if name in records}
        vectors = {
            name: {"id": name, "values": one.values, "metadata": one.metadata} for name, one in found.items()
        }
        return {"vectors": vectors, "namespace": namespace}

    def _namespaces(self, _: Request, __: bytes) -> Json:
        names = self.index.namespaces()
        return {
            "namespaces": [
                {"name": name, "record_count": str(len(self.index.records(name)))} for name in names
            ]
        }


def _json(status: int, body: Json, headers: dict[str, str]) -> Response:
    told = {"Content-Type": "application/json", "x-pinecone-request-id": "1", **headers}
    return Response(status, json.dumps(body).encode(), list(told.items()))


def _error(status: int, message: str, headers: dict[str, str] | None = None) -> Response:
    codes = {400: 3, 401: 16, 404: 5, 429: 8}
    return _json(status, {"code": codes.get(status, 13), "message": message, "details": []}, headers or {})
