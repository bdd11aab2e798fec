"""What vectors there should be. Implements census.ports.vector_ledger.VectorLedger."""

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from census.domain.errors import UnavailableError
from census.ports.vector_index import PassageId
from census.ports.vector_ledger import Removal, VectorSpace

SETTLED = "interval '20 minutes'"
"""No worker lives longer than 15 minutes; a vector it still stores for a deleted text is found after that."""

_SPACE = "SELECT embedder, dimensions FROM vector_spaces WHERE tenant_id = :tenant"
_REUSABLE = """
    SELECT content_hash, text_id, ordinal FROM embedded_contents
    WHERE tenant_id = :tenant AND embedder = :embedder AND content_hash = ANY(CAST(:hashes AS char(64)[]))
"""
_HOLD_TEXT = "SELECT id FROM extracted_texts WHERE tenant_id = :tenant AND id = :text FOR KEY SHARE"
_MARK = """
    WITH noted AS (
        INSERT INTO text_embeddings (tenant_id, embedder, text_id) VALUES (:tenant, :embedder, :text)
        ON CONFLICT DO NOTHING),
    first AS (
        INSERT INTO vector_spaces (tenant_id, embedder, dimensions) VALUES (:tenant, :embedder, :dimensions)
        ON CONFLICT (tenant_id) DO NOTHING)
    INSERT INTO embedded_contents (tenant_id, embedder, content_hash, text_id, ordinal)
    SELECT :tenant, :embedder, r.hash, :text, r.ordinal
    FROM unnest(CAST(:hashes AS text[]), CAST(:ordinals AS integer[])) AS r(hash, ordinal) ORDER BY r.hash
    ON CONFLICT (tenant_id, embedder, content_hash) DO UPDATE
    SET text_id = EXCLUDED.text_id, ordinal = EXCLUDED.ordinal
"""
_LACKS = """
    t.tenant_id = :tenant AND t.passages > 0 AND NOT EXISTS (
        SELECT FROM text_embeddings e
        WHERE e.tenant_id = t.tenant_id AND e.embedder = :embedder AND e.text_id = t.id)
"""
_UNEMBEDDED = f"SELECT t.id FROM extracted_texts t WHERE {_LACKS} ORDER BY t.created_at, t.id LIMIT :limit"
_SWITCH = f"""
    INSERT INTO vector_spaces AS s (tenant_id, embedder, dimensions)
    SELECT :tenant, :embedder, :dimensions WHERE NOT EXISTS (SELECT FROM extracted_texts t WHERE {_LACKS})
    ON CONFLICT (tenant_id) DO UPDATE
    SET embedder = EXCLUDED.embedder, dimensions = EXCLUDED.dimensions, since = NOW()
    RETURNING s.embedder
"""
_REMOVE_OTHERS = """
    WITH others AS (
        DELETE FROM text_embeddings WHERE tenant_id = :tenant AND embedder <> :embedder
        RETURNING text_id, embedder),
    contents AS (DELETE FROM embedded_contents WHERE tenant_id = :tenant AND embedder <> :embedder)
    INSERT INTO removals (tenant_id, text_id, embedder) SELECT :tenant, text_id, embedder FROM others
"""
_EMBEDDED = """
    SELECT t.id, t.passages FROM text_embeddings e
    JOIN extracted_texts t ON t.tenant_id = e.tenant_id AND t.id = e.text_id
    WHERE e.tenant_id = :tenant AND e.embedder = :embedder
"""
_TAKE = f"""
    UPDATE removals SET attempts = attempts + 1, due_at = NOW() + make_interval(secs => :again)
    WHERE tenant_id = :tenant AND id IN (
        SELECT id FROM removals WHERE tenant_id = :tenant AND due_at <= NOW()
          AND (:objects OR object_key IS NULL)
          AND (CAST(:text AS uuid) IS NULL OR text_id = CAST(:text AS uuid))
        ORDER BY due_at, id LIMIT :limit FOR UPDATE SKIP LOCKED)
    RETURNING id, text_id, embedder, object_key, created_at < NOW() - {SETTLED} AS settled
"""
_FINISH = "DELETE FROM removals WHERE tenant_id = :tenant AND id = ANY(CAST(:ids AS uuid[]))"
_TO_REMOVE = "SELECT DISTINCT text_id FROM removals WHERE tenant_id = :tenant AND text_id IS NOT NULL"


class PostgresVectorLedger:
    """Works on the session's transaction."""

    def __init__(self, session: Session, tenant_id: uuid.UUID) -> None:
        self._session = session
        self._tenant_id = tenant_id

    def _run(self, statement: str, **values: Any) -> Any:
        return self._session.execute(text(statement), {"tenant": self._tenant_id, **values})

    def space(self) -> VectorSpace | None:
        """See the port."""
        row = self._run(_SPACE).one_or_none()
        return VectorSpace(row.embedder, row.dimensions) if row else None

    def reusable(self, embedder: str, content_hashes: Sequence[str]) -> dict[str, PassageId]:
        """See the port."""
        rows = self._run(_REUSABLE, embedder=embedder, hashes=list(content_hashes))
        return {row.content_hash: PassageId(row.text_id, row.ordinal) for row in rows}

    def mark_embedded(
        self, text_id: uuid.UUID, space: VectorSpace, contents: Mapping[str, int]
    ) -> VectorSpace:
        """See the port."""
        if self._run(_HOLD_TEXT, text=text_id).one_or_none() is None:
            raise UnavailableError("The text was deleted while it was embedded; it is made anew.")
        self._run(
            _MARK,
            embedder=space.embedder,
            dimensions=space.dimensions,
            text=text_id,
            hashes=list(contents),
            ordinals=list(contents.values()),
        )
        return self.space() or space

    def unembedded(self, embedder: str, limit: int) -> list[uuid.UUID]:
        """See the port."""
        return list(self._run(_UNEMBEDDED, embedder=embedder, limit=limit).scalars())

    def switch(self, space: VectorSpace) -> bool:
        """See the port."""
        done = self._run(_SWITCH, embedder=space.embedder, dimensions=space.dimensions).one_or_none()
        if done is not None:
            self._run(_REMOVE_OTHERS, embedder=space.embedder)
        return done is not None

    def embedded_texts(self, embedder: str) -> dict[uuid.UUID, int]:
        """See the port."""
        return {row.id: row.passages for row in self._run(_EMBEDDED, embedder=embedder)}

    def take_removals(
        self, limit: int, again_in_seconds: float, *, objects: bool, text_id: uuid.UUID | None = None
    ) -> list[Removal]:
        """See the port."""
        rows = self._run(_TAKE, limit=limit, again=again_in_seconds, objects=objects, text=text_id)
        return [Removal(row.id, row.text_id, row.embedder, row.object_key, row.settled) for row in rows]

    def finish_removals(self, done: Sequence[uuid.UUID]) -> None:
        """See the port."""
        if done:
            self._run(_FINISH, ids=[str(one) for one in done])

    def texts_to_remove(self) -> set[uuid.UUID]:
        """See the port."""
        return set(self._run(_TO_REMOVE).scalars())
