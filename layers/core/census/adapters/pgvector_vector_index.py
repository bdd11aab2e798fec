"""pgvector as the vector index. Implements census.ports.vector_index.VectorIndex.

The table is partitioned by tenant. A search is exact, but for tenants so large that they have an HNSW index
of their own (census.adapters.postgres.large_tenants).
"""

import uuid
from collections.abc import Iterator, Sequence
from itertools import islice
from math import isnan

from sqlalchemy import TextClause, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from census.adapters.postgres import vector_recall
from census.adapters.postgres.database import PostgresDatabase
from census.adapters.postgres.large_tenants import index_name
from census.domain.errors import UnavailableError
from census.domain.vectors import VectorDimensionError
from census.ports.vector_index import (
    Neighbour,
    PassageId,
    PassageVectorEntry,
    StoredVector,
    VectorIndexRejectedError,
)

NUMBERS_A_STATEMENT = 250_000
"""About 3 MB as text."""

FOREIGN_KEY_VIOLATION = "23503"

_UPSERT = text("""
    INSERT INTO passage_vectors (tenant_id, text_id, ordinal, embedder, embedding)
    SELECT :tenant, r.text_id, r.ordinal, :embedder, CAST(r.embedding AS vector)
    FROM unnest(CAST(:texts AS uuid[]), CAST(:ordinals AS integer[]), CAST(:vectors AS text[]))
        AS r(text_id, ordinal, embedding)
    ON CONFLICT (tenant_id, embedder, text_id, ordinal) DO UPDATE SET embedding = EXCLUDED.embedding
""")
_KEPT_DIMENSION = text("""
    SELECT vector_dims(embedding) FROM passage_vectors
    WHERE tenant_id = :tenant AND embedder = :embedder LIMIT 1
""")
_FETCH = text("""
    SELECT text_id, ordinal, CAST(embedding AS text) AS embedding FROM passage_vectors
    WHERE tenant_id = :tenant AND embedder = :embedder AND (text_id, ordinal) IN (
        SELECT * FROM unnest(CAST(:texts AS uuid[]), CAST(:ordinals AS integer[])))
""")
_DELETE = text("""
    DELETE FROM passage_vectors WHERE tenant_id = :tenant AND text_id = :text_id
      AND embedder = COALESCE(CAST(:embedder AS text), embedder)
""")
_STORED = text("SELECT text_id, ordinal, embedder FROM passage_vectors WHERE tenant_id = :tenant")
_THERE = text("SELECT to_regclass('passage_vectors') IS NOT NULL")


class PgvectorVectorIndex:
    """Each call is a transaction of its own, bound to its tenant."""

    def __init__(self, database: PostgresDatabase) -> None:
        self._database = database

    def verify(self, embedder: str, dimensions: int) -> None:
        """See the port. The table takes every dimension; it may be missing."""
        with self._database.system() as work:
            if not work.session.execute(_THERE).scalar_one():
                raise VectorIndexRejectedError(
                    f"Vectors of {embedder} ({dimensions} numbers) cannot be kept: VECTOR_STORE is pgvector, "
                    "but this database has no table passage_vectors. Create the extension vector and migrate "
                    "again, or choose pinecone."
                )

    def await_searchable(self, tenant_id: uuid.UUID, embedder: str, last: PassageId) -> None:
        """See the port. What is committed is searchable."""

    def upsert(self, tenant_id: uuid.UUID, embedder: str, entries: Sequence[PassageVectorEntry]) -> None:
        """See the port. Raises VectorDimensionError, and UnavailableError where a text is gone."""
        if not entries:
            return
        dimension = len(entries[0].vector)
        rows = max(1, NUMBERS_A_STATEMENT // max(1, dimension))
        distinct = iter({entry.passage: entry for entry in entries}.values())
        with self._database.tenant(tenant_id) as work:
            _check_dimension(work.session, tenant_id, embedder, dimension)
            while chunk := list(islice(distinct, rows)):
                _upsert(work.session, tenant_id, embedder, chunk)

    def search(
        self, tenant_id: uuid.UUID, embedder: str, vector: Sequence[float], count: int
    ) -> list[Neighbour]:
        """See the port. Raises VectorDimensionError. A vector of zeros is near to nothing."""
        if not any(vector):
            return []
        asked = {"tenant": tenant_id, "embedder": embedder, "vector": _literal(vector), "count": count}
        with self._database.tenant(tenant_id) as work:
            statement = _search(work.session, tenant_id, embedder, len(vector))
            rows = work.session.execute(statement, asked).all()
        near = [row for row in rows if not isnan(row.score)]  # a kept vector of zeros is near to nothing
        return [Neighbour(PassageId(row.text_id, row.ordinal), float(row.score)) for row in near]

    def fetch(
        self, tenant_id: uuid.UUID, embedder: str, passages: Sequence[PassageId]
    ) -> dict[PassageId, list[float]]:
        """See the port."""
        asked = {
            "tenant": tenant_id,
            "embedder": embedder,
            "texts": [str(one.text_id) for one in passages],
            "ordinals": [one.ordinal for one in passages],
        }
        with self._database.tenant(tenant_id) as work:
            rows = work.session.execute(_FETCH, asked).all()
        return {PassageId(row.text_id, row.ordinal): _numbers(row.embedding) for row in rows}

    def delete_text(self, tenant_id: uuid.UUID, text_id: uuid.UUID, embedder: str | None = None) -> int:
        """See the port. With the text itself its vectors are gone already, in one transaction."""
        asked = {"tenant": tenant_id, "text_id": text_id, "embedder": embedder}
        with self._database.tenant(tenant_id) as work:
            return max(0, work.session.connection().execute(_DELETE, asked).rowcount)

    def stored(self, tenant_id: uuid.UUID) -> Iterator[StoredVector]:
        """See the port."""
        with self._database.tenant(tenant_id) as work:
            for row in work.session.execute(_STORED, {"tenant": tenant_id}):
                yield StoredVector(PassageId(row.text_id, row.ordinal), row.embedder)


def _search(session: Session, tenant_id: uuid.UUID, embedder: str, dimension: int) -> TextClause:
    """The search for this tenant: by its index where it has one that was found good, otherwise exact."""
    index = index_name(tenant_id, embedder, dimension)
    asked = {"tenant": tenant_id, "embedder": embedder, "index": index}
    row = session.execute(vector_recall.PREPARE, asked).one()
    if row.dimension is not None and row.dimension != dimension:
        raise VectorDimensionError(embedder, dimension, row.dimension)
    return vector_recall.near(dimension) if row.near else vector_recall.EXACT


def _check_dimension(session: Session, tenant_id: uuid.UUID, embedder: str, found: int) -> None:
    kept = session.execute(_KEPT_DIMENSION, {"tenant": tenant_id, "embedder": embedder}).scalar()
    if kept is not None and kept != found:
        raise VectorDimensionError(embedder, found, kept)


def _upsert(
    session: Session, tenant_id: uuid.UUID, embedder: str, entries: Sequence[PassageVectorEntry]
) -> None:
    for entry in entries:
        if len(entry.vector) != len(entries[0].vector):
            raise VectorDimensionError(embedder, len(entry.vector), len(entries[0].vector))
    rows = {
        "tenant": tenant_id,
        "embedder": embedder,
        "texts": [str(entry.passage.text_id) for entry in entries],
        "ordinals": [entry.passage.ordinal for entry in entries],
        "vectors": [_literal(entry.vector) for entry in entries],
    }
    try:
        session.execute(_UPSERT, rows)
    except DBAPIError as error:
        if sql_state(error) != FOREIGN_KEY_VIOLATION:
            raise
        raise UnavailableError(
            "A text was deleted while its vectors were stored; ingesting the file again makes it anew."
        ) from error


def sql_state(error: DBAPIError) -> str | None:
    """PostgreSQL's code; pg8000 keeps it in the error's fields and has one class for nearly all of them."""
    fields = error.orig.args[0] if error.orig and error.orig.args else None
    return fields.get("C") if isinstance(fields, dict) else None


def _literal(vector: Sequence[float]) -> str:
    """The vector as pgvector reads it; nine digits give a 4-byte float back exactly."""
    return "[" + ",".join(format(number, ".9g") for number in vector) + "]"


def _numbers(literal: str) -> list[float]:
    return [float(number) for number in literal[1:-1].split(",")]
