"""Pinecone as the vector index. Implements census.ports.vector_index.VectorIndex.

A namespace a tenant; a vector's id is document, version, ordinal: the text, the embedder, the passage. Reads
lag behind writes, so passages are the truth about what a hit means, and `await_searchable` holds a document
back until searches see it.
"""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote

from census.adapters.pinecone_failures import NoNamespaceError, typed
from census.domain.errors import UnavailableError
from census.domain.vectors import VectorDimensionError
from census.ports.time_left import time_left
from census.ports.vector_index import Neighbour, PassageId, PassageVectorEntry, StoredVector

if TYPE_CHECKING:
    from pinecone import Index

# https://docs.pinecone.io/reference/api/database-limits
MOST_RECORDS = 1_000
MOST_BYTES = 2_000_000
IDS_A_FETCH = 50
"""Ids stand in the URL, about 80 characters each."""

RETRIES = 2
LONGEST_WAIT_SECONDS = 2.0
"""Of a retry: a worker that is told to wait longer gives the file back and serves another."""
POLL_SECONDS = 0.25


class PineconeVectorIndex:
    """A call takes at most 3 `timeout_seconds` and about 6 s of waiting between its attempts."""

    def __init__(
        self,
        *,
        api_key: str,
        host: str,
        timeout_seconds: float = 10.0,
        patience_seconds: float = 20.0,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """`patience_seconds`: how long `await_searchable` waits."""
        self._api_key = api_key
        self._host = host
        self._timeout_seconds = timeout_seconds
        self._patience_seconds = patience_seconds
        self._sleep = sleep
        self._written: dict[uuid.UUID, int] = {}

    def verify(self, embedder: str, dimensions: int) -> None:
        """See the port."""
        kept = self._call(lambda: self._index.describe_index_stats()).dimension
        if kept is not None and kept != dimensions:
            raise VectorDimensionError(embedder, dimensions, kept)

    def upsert(self, tenant_id: uuid.UUID, embedder: str, entries: Sequence[PassageVectorEntry]) -> None:
        """See the port."""
        for entry in entries:
            if len(entry.vector) != len(entries[0].vector):
                raise VectorDimensionError(embedder, len(entry.vector), len(entries[0].vector))
        distinct = {entry.passage: entry for entry in entries}.values()
        for batch in batches(_record(embedder, entry) for entry in distinct):
            self._upsert(tenant_id, embedder, batch)

    def _upsert(self, tenant_id: uuid.UUID, embedder: str, batch: list[dict[str, Any]]) -> None:
        def send() -> Any:
            return self._index.upsert(vectors=batch, namespace=str(tenant_id))

        answer = self._call(send, embedder, len(batch[0]["values"]))
        position = answer.response_info.lsn_committed if answer.response_info else None
        if position is not None:
            self._written[tenant_id] = max(position, self._written.get(tenant_id, 0))

    def await_searchable(self, tenant_id: uuid.UUID, embedder: str, last: PassageId) -> None:
        """See the port. Where no position is known, as after a crash, `last` itself must be found."""
        deadline = time.monotonic() + self._patience_seconds
        while not self._is_searchable(tenant_id, vector_id(embedder, last)):
            if time.monotonic() + POLL_SECONDS > deadline:
                raise UnavailableError(
                    f"Pinecone's searches are more than {self._patience_seconds:.0f} s behind its writes. "
                    "Nothing is lost: the document is shown once they have caught up."
                )
            self._sleep(POLL_SECONDS)

    def _is_searchable(self, tenant_id: uuid.UUID, last: str) -> bool:
        answer = self._call(lambda: self._index.query(id=last, top_k=1, namespace=str(tenant_id)))
        written, info = self._written.get(tenant_id), answer.response_info
        if written is not None and info is not None and info.lsn_reconciled is not None:
            return bool(info.lsn_reconciled >= written)
        return bool(answer.matches)

    def search(
        self, tenant_id: uuid.UUID, embedder: str, vector: Sequence[float], count: int
    ) -> list[Neighbour]:
        """See the port. A vector of zeros is near to nothing."""
        if not any(vector):
            return []
        asked, seconds = list(vector), self._seconds_an_attempt()

        def send() -> Any:
            return self._index.query(
                vector=asked,
                top_k=count,
                namespace=str(tenant_id),
                filter={"embedder": {"$eq": embedder}},
                timeout=seconds,
            )

        answer = self._call(send, embedder, len(asked))
        return [Neighbour(parse_id(match.id).passage, float(match.score)) for match in answer.matches]

    def _seconds_an_attempt(self) -> float:
        attempts = RETRIES + 1
        seconds = time_left(self._timeout_seconds * attempts) / attempts
        if not seconds:
            raise UnavailableError("The request has no time left to search Pinecone.")
        return seconds

    def fetch(
        self, tenant_id: uuid.UUID, embedder: str, passages: Sequence[PassageId]
    ) -> dict[PassageId, list[float]]:
        """See the port."""
        ids = [vector_id(embedder, passage) for passage in passages]
        found: dict[PassageId, list[float]] = {}
        for first in range(0, len(ids), IDS_A_FETCH):
            some = ids[first : first + IDS_A_FETCH]
            answer = self._call(partial(self._index.fetch, ids=some, namespace=str(tenant_id)))
            found |= {parse_id(name).passage: list(one.values) for name, one in answer.vectors.items()}
        return found

    def delete_text(self, tenant_id: uuid.UUID, text_id: uuid.UUID, embedder: str | None = None) -> int:
        """See the port. What a lagging listing leaves out is found by the next call."""
        prefix = f"{text_id}#" if embedder is None else f"{text_id}#{_quoted(embedder)}#"
        count = 0
        try:
            for ids in self._listed(tenant_id, prefix):
                self._call(partial(self._index.delete, ids=ids, namespace=str(tenant_id)))
                count += len(ids)
        except NoNamespaceError:
            return count
        return count

    def stored(self, tenant_id: uuid.UUID) -> Iterator[StoredVector]:
        """See the port."""
        try:
            for ids in self._listed(tenant_id, ""):
                yield from map(parse_id, ids)
        except NoNamespaceError:
            return

    def _listed(self, tenant_id: uuid.UUID, prefix: str) -> Iterator[list[str]]:
        """Ids in runs that one deletion takes. The listing is read to its end first: it pages by position."""
        pages: Iterable[Any] = self._call(
            lambda: list(self._index.list(prefix=prefix or None, namespace=str(tenant_id)))
        )
        ids = [item.id for page in pages for item in page.vectors if item.id]
        for first in range(0, len(ids), MOST_RECORDS):
            yield ids[first : first + MOST_RECORDS]

    @cached_property
    def _index(self) -> Index:
        from dataclasses import replace

        from pinecone import Index, RetryConfig  # 0.1 s that a function without vectors need not pay
        from pinecone._internal.constants import DATA_PLANE_API_VERSION
        from pinecone._internal.http_client import HTTPClient

        index = Index(host=self._host, api_key=self._api_key, timeout=self._timeout_seconds)
        # Where a Retry-After says so, the SDK waits 90 s three times; its data plane takes no other rule.
        retries = RetryConfig(max_retries=RETRIES, max_wait=LONGEST_WAIT_SECONDS)
        index._http.close()
        index._http = HTTPClient(replace(index._config, retry_config=retries), DATA_PLANE_API_VERSION)
        return index

    def _call(self, send: Callable[[], Any], embedder: str = "", dimensions: int = 0) -> Any:
        """What Pinecone answers; its errors as the port's."""
        from pinecone import PineconeError

        try:
            return send()
        except PineconeError as error:
            if dimensions and "dimension" in str(error):
                self.verify(embedder, dimensions)
            raise typed(error) from error


def vector_id(embedder: str, passage: PassageId) -> str:
    """Document, version, ordinal. A text never changes, so its version is the embedder's."""
    return f"{passage.text_id}#{_quoted(embedder)}#{passage.ordinal}"


def parse_id(name: str) -> StoredVector:
    """What a vector's id says."""
    text_id, embedder, ordinal = name.split("#")
    return StoredVector(PassageId(uuid.UUID(text_id), int(ordinal)), unquote(embedder))


def _quoted(embedder: str) -> str:
    return quote(embedder, safe="")


def _record(embedder: str, entry: PassageVectorEntry) -> dict[str, Any]:
    # Nine digits give a 4-byte float, which is what is kept, back exactly; the rest would be paid for.
    values = [float(format(number, ".9g")) for number in entry.vector]
    return {"id": vector_id(embedder, entry.passage), "values": values, "metadata": {"embedder": embedder}}


def batches(records: Iterable[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    """Records in order, in runs of at most MOST_RECORDS and MOST_BYTES as JSON."""
    batch: list[dict[str, Any]] = []
    size = 0
    for record in records:
        weight = len(json.dumps(record)) + 2
        if batch and (len(batch) == MOST_RECORDS or size + weight > MOST_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(record)
        size += weight
    if batch:
        yield batch
