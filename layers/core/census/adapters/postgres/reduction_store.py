"""Findings and reduce nodes in PostgreSQL. Implements census.ports.reduction_store.ReductionStore."""

import json
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from census.domain.folding import MOST_LABEL_CHARACTERS
from census.domain.plan import JsonObject
from census.ports.reduction_store import Foldable

# The labels of a page first, then who says them: a look-up a label, not one a finding.
_LABELS = """
    SELECT l.norm, l.label, ARRAY(
        SELECT DISTINCT i.source_id FROM unnest(l.items) AS said(item)
        CROSS JOIN LATERAL (SELECT source_id FROM job_items
                            WHERE tenant_id = :tenant AND job_id = :job AND ordinal = said.item OFFSET 0) i
        ORDER BY 1) AS sources
    FROM (SELECT norm, mode() WITHIN GROUP (ORDER BY label) AS label, array_agg(DISTINCT item) AS items
          FROM job_findings WHERE tenant_id = :tenant AND job_id = :job AND norm > :after
          GROUP BY norm ORDER BY norm LIMIT :page) l
    ORDER BY l.norm
"""
_QUOTES = """
    SELECT f.item, f.number, f.quote, i.source_id
    FROM job_findings f
    CROSS JOIN LATERAL (SELECT source_id FROM job_items
                        WHERE tenant_id = :tenant AND job_id = :job AND ordinal = f.item OFFSET 0) i
    WHERE f.tenant_id = :tenant AND f.job_id = :job AND f.quote IS NOT NULL
      AND (f.item, f.number) > (:item, :number)
    ORDER BY f.item, f.number LIMIT :page
"""
_NODE = "SELECT content FROM reduce_nodes WHERE tenant_id = :tenant AND node_key = :key"
# A deletion locks the jobs that pinned the document before it looks for nodes: it finds this one, or is over.
_LOCK_JOB = "SELECT id FROM processing_jobs WHERE tenant_id = :tenant AND id = :job FOR UPDATE"
_IS_THERE = """
    SELECT NOT EXISTS (
        SELECT FROM unnest(CAST(:sources AS uuid[])) AS s(id)
        WHERE NOT EXISTS (SELECT FROM knowledge_files f WHERE f.tenant_id = :tenant AND f.id = s.id)
          AND NOT EXISTS (SELECT FROM scraped_contents p WHERE p.tenant_id = :tenant AND p.id = s.id)
    ) AND NOT EXISTS (
        SELECT FROM unnest(CAST(:children AS char(64)[])) AS c(key)
        WHERE NOT EXISTS (SELECT FROM reduce_nodes n WHERE n.tenant_id = :tenant AND n.node_key = c.key))
"""
_KEEP = """
    INSERT INTO reduce_nodes (tenant_id, node_key, children, sources, content)
    VALUES (:tenant, :key, CAST(:children AS text[]), CAST(:sources AS uuid[]), CAST(:content AS jsonb))
    ON CONFLICT DO NOTHING
"""
_ASSIGN = """
    UPDATE job_findings f SET theme = a.theme
    FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS a(norm text, theme text)
    WHERE f.tenant_id = :tenant AND f.job_id = :job AND f.norm = a.norm
"""
_ASSIGN_LABELS = """
    UPDATE job_findings f SET theme = l.label
    FROM (SELECT norm, mode() WITHIN GROUP (ORDER BY label) AS label FROM job_findings
          WHERE tenant_id = :tenant AND job_id = :job AND norm IS NOT NULL GROUP BY norm) l
    WHERE f.tenant_id = :tenant AND f.job_id = :job AND f.norm = l.norm
"""
_COUNT = "SELECT count(*) FROM job_findings WHERE tenant_id = :tenant AND job_id = :job"


class PostgresReductionStore:
    """See the port."""

    def __init__(self, session: Session, tenant_id: uuid.UUID) -> None:
        self._session = session
        self._tenant_id = tenant_id

    def _run(self, statement: str, **values: Any) -> Any:
        return self._session.execute(text(statement), {"tenant": self._tenant_id, **values})

    def labels(self, job_id: uuid.UUID, after: Foldable | None, limit: int) -> list[Foldable]:
        """See the port."""
        rows = self._run(_LABELS, job=job_id, after=after.norm if after else "", page=limit)
        return [Foldable(row.label[:MOST_LABEL_CHARACTERS], row.norm, tuple(row.sources)) for row in rows]

    def quotes(self, job_id: uuid.UUID, after: Foldable | None, limit: int) -> list[Foldable]:
        """See the port."""
        item, number = after.place if after else (0, -1)
        rows = self._run(_QUOTES, job=job_id, item=item, number=number, page=limit)
        return [
            Foldable(" ".join(row.quote.split()), "", (row.source_id,), (row.item, row.number))
            for row in rows
        ]

    def node(self, key: str) -> JsonObject | None:
        """See the port."""
        found: JsonObject | None = self._run(_NODE, key=key).scalar_one_or_none()
        return found

    def keep(
        self,
        job_id: uuid.UUID,
        key: str,
        content: JsonObject,
        children: Sequence[str],
        sources: Sequence[uuid.UUID],
    ) -> bool:
        """See the port."""
        made_of = {"children": list(children), "sources": list(sources)}
        self._run(_LOCK_JOB, job=job_id)
        if not self._run(_IS_THERE, **made_of).scalar_one():
            return False
        self._run(_KEEP, key=key, content=json.dumps(content), **made_of)
        return True

    def assign(self, job_id: uuid.UUID, themes: Mapping[str, str | None]) -> None:
        """See the port."""
        rows = [{"norm": norm, "theme": theme} for norm, theme in themes.items()]
        self._run(_ASSIGN, job=job_id, rows=json.dumps(rows))

    def assign_labels(self, job_id: uuid.UUID) -> None:
        """See the port."""
        self._run(_ASSIGN_LABELS, job=job_id)

    def count(self, job_id: uuid.UUID) -> int:
        """See the port."""
        return int(self._run(_COUNT, job=job_id).scalar_one())
