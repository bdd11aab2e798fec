"""The two searches for the nearest vectors, exact and by HNSW, and how much of the one the other finds."""

import uuid
from statistics import mean
from typing import Any

from sqlalchemy import Connection, TextClause, text

NEAREST = 10
WANTED_RECALL = 0.95
SAMPLED_QUERIES = 20
EF_SEARCH = (100, 200, 400, 1000)
"""What is tried; 1000 is the most pgvector takes."""

EXACT = text("""
    SELECT text_id, ordinal, 1 - (embedding <=> CAST(:vector AS vector)) AS score FROM passage_vectors
    WHERE tenant_id = :tenant AND embedder = :embedder
    ORDER BY embedding <=> CAST(:vector AS vector), text_id, ordinal LIMIT :count
""")
_SETTINGS = "set_config('hnsw.iterative_scan', 'strict_order', true), set_config('hnsw.ef_search', {}, true)"
_TRY = text(f"SELECT {_SETTINGS.format(':ef_search')}")
# Between two passages, as a question is: a passage itself would be too easy to find.
_QUERIES = text("""
    WITH picked AS (SELECT embedding, row_number() OVER () AS n FROM (
        SELECT embedding FROM passage_vectors WHERE tenant_id = :tenant AND embedder = :embedder
        ORDER BY md5(CAST(text_id AS text) || ordinal) LIMIT :many) AS sampled)
    SELECT CAST(a.embedding + b.embedding AS text) FROM picked a JOIN picked b ON b.n = a.n + 1
    WHERE mod(a.n, 2) = 1
""")
PREPARE = text(f"""
    SELECT (SELECT vector_dims(embedding) FROM passage_vectors
            WHERE tenant_id = :tenant AND embedder = :embedder LIMIT 1) AS dimension,
           noted.ef_search > 0 AS near,
           {_SETTINGS.format("CAST(greatest(noted.ef_search, 1) AS text)")}
    FROM (SELECT CAST(substring(obj_description(to_regclass(:index), 'pg_class') FROM 'ef_search=([0-9]+)')
                      AS integer) AS ef_search) AS noted
""")
"""The dimension kept and whether an index is to be used; binds what it needs to this transaction."""


def indexed_type(dimension: int) -> str | None:
    """As what HNSW takes vectors: in full up to 2,000 dimensions, at half precision up to 4,000."""
    if dimension > 4000:
        return None
    return f"vector({dimension})" if dimension <= 2000 else f"halfvec({dimension})"


def near(dimension: int) -> TextClause:
    """The search that an index answers: candidates by it, then in the order of their exact distance."""
    kind = indexed_type(dimension)
    return text(f"""
        SELECT text_id, ordinal, 1 - (embedding <=> CAST(:vector AS vector)) AS score FROM (
            SELECT text_id, ordinal, embedding FROM passage_vectors
            WHERE tenant_id = :tenant AND embedder = :embedder
            ORDER BY CAST(embedding AS {kind}) <=> CAST(:vector AS {kind}) LIMIT 2 * :count) AS candidates
        ORDER BY score DESC, text_id, ordinal LIMIT :count
    """)


def smallest_ef_search(connection: Connection, tenant_id: uuid.UUID, embedder: str, dimension: int) -> int:
    """The smallest `hnsw.ef_search` with which the tenant's index finds WANTED_RECALL; 0 where none does."""
    asked = {"tenant": tenant_id, "embedder": embedder, "count": NEAREST}
    queries = connection.scalars(
        _QUERIES, {"tenant": tenant_id, "embedder": embedder, "many": 2 * SAMPLED_QUERIES}
    ).all()
    truths = [_found(connection, EXACT, asked, query) for query in queries]
    connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
    for ef_search in EF_SEARCH:
        connection.execute(_TRY, {"ef_search": str(ef_search)})
        hits = [_found(connection, near(dimension), asked, query) for query in queries]
        recall = mean(len(hit & truth) / len(truth) for hit, truth in zip(hits, truths, strict=True))
        if recall >= WANTED_RECALL:
            return ef_search
    return 0


def _found(
    connection: Connection, search: TextClause, asked: dict[str, Any], query: str
) -> set[tuple[uuid.UUID, int]]:
    rows = connection.execute(search, {**asked, "vector": query})
    return {(row.text_id, row.ordinal) for row in rows}
