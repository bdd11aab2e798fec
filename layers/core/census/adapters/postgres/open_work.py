"""What may be stuck, over all tenants. Implements census.ports.unit_of_work.OpenWork."""

import uuid
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from census.ports.unit_of_work import OpenJob, PendingSignal
from census.ports.vector_ledger import VectorSpace

_DUE_JOBS = """
    SELECT tenant_id, id FROM processing_jobs
    WHERE status IN ('queued', 'awaiting_approval', 'processing')
      AND (next_check_at IS NULL OR next_check_at <= now())
    ORDER BY next_check_at NULLS FIRST LIMIT :limit
"""
_FILES_IN_HAND = """
    SELECT EXISTS (SELECT FROM knowledge_files
                   WHERE status = 'processing' OR (status = 'pending' AND received_at IS NOT NULL))
"""
_UNUSED_TEXTS = """
    SELECT t.tenant_id, t.id FROM extracted_texts t
    WHERE t.created_at < now() - interval '1 day'
      AND NOT EXISTS (SELECT FROM knowledge_files f WHERE f.tenant_id = t.tenant_id AND f.text_id = t.id)
      AND NOT EXISTS (SELECT FROM scraped_contents s WHERE s.tenant_id = t.tenant_id AND s.text_id = t.id)
    LIMIT :limit
"""
_TENANTS_WITH_REMOVALS = """
    SELECT tenant_id FROM removals WHERE due_at <= now() GROUP BY tenant_id ORDER BY min(due_at) LIMIT :limit
"""
_TAKE_CHECK = """
    UPDATE processing_jobs SET next_check_at = now() + make_interval(secs => :every)
    WHERE tenant_id = :tenant AND id = :job AND status IN ('queued', 'awaiting_approval', 'processing')
      AND (next_check_at IS NULL OR next_check_at <= now() + interval '2 seconds')
    RETURNING id
"""
_PENDING_SIGNAL = """
    SELECT s.generation, s.task_token FROM job_signals s
    JOIN processing_jobs j ON j.tenant_id = s.tenant_id AND j.id = s.job_id
    WHERE s.tenant_id = :tenant AND s.job_id = :job AND s.signalled_at IS NULL AND s.task_token IS NOT NULL
      AND j.status = 'processing' AND j.remaining = 0
"""
_OPEN_TOKEN = """
    SELECT task_token FROM job_signals
    WHERE tenant_id = :tenant AND job_id = :job AND signalled_at IS NULL
"""
_MARK_SIGNALLED = """
    UPDATE job_signals SET signalled_at = now(), task_token = NULL
    WHERE tenant_id = :tenant AND job_id = :job AND generation = :generation
"""
_FORGET_KEYS = """
    DELETE FROM idempotency_keys WHERE created_at < now() - make_interval(days => :days)
"""


class PostgresOpenWork:
    """See the port."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def _run(self, statement: str, **values: Any) -> Any:
        return self._session.execute(text(statement), values)

    def due_jobs(self, limit: int) -> list[OpenJob]:
        """See the port."""
        return [OpenJob(row.tenant_id, row.id) for row in self._run(_DUE_JOBS, limit=limit)]

    def stuck_files(self, limit: int) -> list[tuple[uuid.UUID, uuid.UUID]]:
        """See the port."""
        from census.adapters.postgres.stuck_uploads import stuck_uploads

        return stuck_uploads(self._session, limit)

    def stuck_pages(self, limit: int) -> list[tuple[uuid.UUID, uuid.UUID]]:
        """See the port."""
        from census.adapters.postgres.stuck_pages import stuck_pages

        return stuck_pages(self._session, limit)

    def unused_texts(self, limit: int) -> list[tuple[uuid.UUID, uuid.UUID]]:
        """See the port."""
        return [(row.tenant_id, row.id) for row in self._run(_UNUSED_TEXTS, limit=limit)]

    def tenants_with_removals(self, limit: int) -> list[uuid.UUID]:
        """See the port."""
        return list(self._run(_TENANTS_WITH_REMOVALS, limit=limit).scalars())

    def vector_spaces(self) -> dict[VectorSpace, int]:
        """See the port."""
        rows = self._run("SELECT embedder, dimensions, count(*) AS n FROM vector_spaces GROUP BY 1, 2")
        return {VectorSpace(row.embedder, row.dimensions): row.n for row in rows}

    def tenants(self) -> list[uuid.UUID]:
        """See the port."""
        return list(self._run("SELECT DISTINCT tenant_id FROM extracted_texts ORDER BY 1").scalars())

    def documents_in_hand(self) -> bool:
        """See the port."""
        from census.adapters.postgres.stuck_pages import pages_in_hand

        return bool(self._run(_FILES_IN_HAND).scalar_one()) or pages_in_hand(self._session)

    def forget_idempotency_keys(self, days: int) -> int:
        """See the port."""
        return int(self._run(_FORGET_KEYS, days=days).rowcount)

    def take_check(self, tenant_id: uuid.UUID, job_id: uuid.UUID, every_seconds: int) -> bool:
        """See the port."""
        taken = self._run(_TAKE_CHECK, tenant=tenant_id, job=job_id, every=every_seconds)
        return taken.one_or_none() is not None

    def pending_signal(self, tenant_id: uuid.UUID, job_id: uuid.UUID) -> PendingSignal | None:
        """See the port."""
        row = self._run(_PENDING_SIGNAL, tenant=tenant_id, job=job_id).one_or_none()
        return PendingSignal(row.generation, row.task_token) if row else None

    def open_token(self, tenant_id: uuid.UUID, job_id: uuid.UUID) -> str | None:
        """See the port."""
        token = self._run(_OPEN_TOKEN, tenant=tenant_id, job=job_id).scalar_one_or_none()
        return None if token is None else str(token)

    def mark_signalled(self, tenant_id: uuid.UUID, job_id: uuid.UUID, generation: int) -> None:
        """See the port."""
        self._run(_MARK_SIGNALLED, tenant=tenant_id, job=job_id, generation=generation)
