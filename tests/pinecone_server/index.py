"""One index in memory. Writes are numbered in a log; reads see those that are `lag` seconds old."""

import math
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]

MOST_RECORDS = 1_000
MOST_BYTES = 2 * 1024 * 1024
MOST_ID = 512
MOST_LISTED = 100
MOST_TOP_K = 10_000


class RefusedError(Exception):
    """The API's answer to a call it will not take: HTTP status and message."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


@dataclass(frozen=True)
class Record:
    """A vector as it is kept."""

    values: tuple[float, ...]
    metadata: Json


@dataclass(frozen=True)
class _Write:
    number: int
    seen_from: float
    namespace: str
    change: dict[str, Record | None]


@dataclass
class PineconeIndex:
    """`dimension` numbers a vector. `lag`: seconds from a write to the reads that see it."""

    dimension: int
    lag: float = 0.0
    clock: Callable[[], float] = time.monotonic
    committed: int = 0
    reconciled: int = 0
    _log: list[_Write] = field(default_factory=list)
    _seen: dict[str, dict[str, Record]] = field(default_factory=dict)
    _lock: threading.RLock = field(default_factory=threading.RLock)

    def upsert(self, namespace: str, vectors: list[Json]) -> int:
        """Append to the log; how many were taken. Refuses what the API refuses."""
        if not 0 < len(vectors) <= MOST_RECORDS:
            raise RefusedError(400, f"Cannot upsert {len(vectors)} vectors: at most {MOST_RECORDS} a request")
        self._write(namespace, {self._id(one["id"]): self._record(one) for one in vectors})
        return len(vectors)

    def delete(self, namespace: str, ids: list[str]) -> None:
        """Append deletions to the log; an id that is not there does no harm."""
        if len(ids) > MOST_RECORDS:
            raise RefusedError(400, f"Cannot delete {len(ids)} ids: at most {MOST_RECORDS} a request")
        with self._lock:
            if not any(write.namespace == namespace for write in self._log) and namespace not in self._seen:
                raise RefusedError(404, "Namespace not found")
            self._write(namespace, dict.fromkeys(ids))

    def records(self, namespace: str) -> dict[str, Record]:
        """What reads see now."""
        with self._lock:
            self._reconcile()
            return dict(self._seen.get(namespace, {}))

    def truth(self, namespace: str) -> dict[str, Record]:
        """What is there once every write is seen: for tests, not part of the API."""
        with self._lock:
            found = dict(self._seen.get(namespace, {}))
            for write in self._log:
                if write.namespace == namespace and write.number > self.reconciled:
                    _apply(found, write.change)
            return found

    def namespaces(self) -> list[str]:
        """Those that reads see."""
        with self._lock:
            self._reconcile()
            return sorted(name for name, records in self._seen.items() if records)

    def query(self, namespace: str, body: Json) -> list[Json]:
        """The nearest records of a namespace by cosine, nearest first."""
        if not 1 <= body["topK"] <= MOST_TOP_K:
            raise RefusedError(400, f"topK must be between 1 and {MOST_TOP_K}")
        records = self.records(namespace)
        wanted = self._wanted(records, body)
        if wanted is None:
            return []
        kept = [(name, one) for name, one in records.items() if _passes(one, body.get("filter") or {})]
        scored = sorted(((cosine(wanted, one.values), name) for name, one in kept), reverse=True)
        return [{"id": name, "score": score} for score, name in scored[: body["topK"]]]

    def _wanted(self, records: dict[str, Record], body: Json) -> tuple[float, ...] | None:
        if "id" in body:
            return records[body["id"]].values if body["id"] in records else None
        self._check_dimension(body["vector"])
        return tuple(body["vector"])

    def _write(self, namespace: str, change: dict[str, Record | None]) -> None:
        with self._lock:
            self.committed += 1
            self._log.append(_Write(self.committed, self.clock() + self.lag, namespace, change))

    def _reconcile(self) -> None:
        now = self.clock()
        for write in self._log:
            if write.number == self.reconciled + 1 and write.seen_from <= now:
                _apply(self._seen.setdefault(write.namespace, {}), write.change)
                self.reconciled = write.number

    def _id(self, name: str) -> str:
        if not name or len(name) > MOST_ID or not name.isascii():
            raise RefusedError(400, f"Vector ID must be ASCII of 1 to {MOST_ID} characters, but got {name!r}")
        return name

    def _record(self, vector: Json) -> Record:
        self._check_dimension(vector["values"])
        if not any(vector["values"]):
            raise RefusedError(400, "Dense vectors must contain at least one non-zero value")
        return Record(tuple(vector["values"]), vector.get("metadata") or {})

    def _check_dimension(self, values: Iterable[float]) -> None:
        found = len(list(values))
        if found != self.dimension:
            told = f"Vector dimension {found} does not match the dimension of the index {self.dimension}"
            raise RefusedError(400, told)


def _apply(records: dict[str, Record], change: dict[str, Record | None]) -> None:
    for name, record in change.items():
        if record is None:
            records.pop(name, None)
        else:
            records[name] = record


def _passes(record: Record, wanted: Json) -> bool:
    return all(record.metadata.get(name) == condition["$eq"] for name, condition in wanted.items())


def cosine(first: Iterable[float], second: Iterable[float]) -> float:
    """The cosine similarity; 0 where a vector is zero."""
    one, two = list(first), list(second)
    lengths = math.hypot(*one) * math.hypot(*two)
    return math.fsum(a * b for a, b in zip(one, two, strict=True)) / lengths if lengths else 0.0
