"""The pinned documents of jobs in PostgreSQL. Implements census.ports.job_store.ItemStore."""

import json
import uuid
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from census.adapters.postgres import item_statements as sql
from census.domain.ledger import LedgerClass
from census.domain.plan import Filters, Kind
from census.domain.plan_fields import parse_time
from census.ports.job_store import Content, ItemRow, ItemToJudge, JudgedItem, StoredReading

_UNLIMITED = 10_000


class PostgresItemStore:
    """See the port."""

    def __init__(self, session: Session, tenant_id: uuid.UUID) -> None:
        self._session = session
        self._tenant_id = tenant_id

    def _run(self, statement: str, **values: Any) -> Any:
        return self._session.execute(text(statement), {"tenant": self._tenant_id, **values})

    def pin(self, job_id: uuid.UUID, filters: Filters) -> None:
        """See the port."""
        self._run(sql.UNPIN, job=job_id)
        self._run(sql.PIN, job=job_id, **_conditions(filters))
        self._run(sql.LEAD, job=job_id)

    def reopen(self, job_id: uuid.UUID) -> None:
        """See the port."""
        self._run(sql.REOPEN, job=job_id)
        self._run(sql.LEAD, job=job_id)

    def count(self, job_id: uuid.UUID) -> int:
        """See the port."""
        return int(self._run(sql.COUNT, job=job_id).scalar_one())

    def preview(self, filters: Filters) -> list[Content | None]:
        """See the port."""
        rows = self._run(sql.PREVIEW, **_conditions(filters))
        return [Content(r.ordinal, r.content_hash, r.windows) if r.content_hash else None for r in rows]

    def known(self, content_hashes: Sequence[str], atom_keys: Sequence[str]) -> set[tuple[str, str, str]]:
        """See the port."""
        rows = self._run(sql.KNOWN, hashes=list(content_hashes), keys=list(atom_keys))
        return {(row.content_hash, row.window_key, row.atom_key) for row in rows}

    def copy(self, from_job: uuid.UUID, to_job: uuid.UUID) -> None:
        """See the port."""
        self._run(sql.COPY, job=from_job, target=to_job)

    def contents(self, job_id: uuid.UUID) -> list[Content]:
        """See the port."""
        rows = self._run(sql.CONTENTS, job=job_id)
        return [Content(row.lead, row.content_hash, row.windows, row.items) for row in rows]

    def cached(self, job_id: uuid.UUID, atom_keys: Sequence[str]) -> set[tuple[str, str, str]]:
        """See the port."""
        rows = self._run(sql.CACHED, job=job_id, keys=list(atom_keys))
        return {(row.content_hash, row.window_key, row.atom_key) for row in rows}

    def to_judge(self, job_id: uuid.UUID, limit: int) -> list[ItemToJudge]:
        """See the port."""
        rows = self._run(sql.TO_JUDGE, job=job_id, limit=limit)
        return [
            ItemToJudge(
                row.ordinal,
                row.lead or row.ordinal,
                row.content_hash or "",
                row.page_starts or [],
                row.windows,
            )
            for row in rows
        ]

    def readings(self, content_hashes: Sequence[str], atom_keys: Sequence[str]) -> list[StoredReading]:
        """See the port."""
        rows = self._run(sql.READINGS, hashes=list(content_hashes), keys=list(atom_keys))
        return [StoredReading(r.content_hash, r.window_key, r.atom_key, r.reading) for r in rows]

    def settle(self, job_id: uuid.UUID, judged: Iterable[JudgedItem]) -> None:
        """See the port."""
        rows = [
            {
                "ordinal": item.ordinal,
                "status": item.status,
                "reason": item.reason,
                "group_key": item.group_key,
                "measure": None if item.measure is None else str(item.measure),
                "measure_unit": item.measure_unit,
                "fields": item.fields,
                "quotes": item.quotes,
            }
            for item in judged
        ]
        if rows:
            self._run(sql.SETTLE, job=job_id, rows=json.dumps(rows))

    def classes(self, job_id: uuid.UUID) -> dict[tuple[str, str | None], int]:
        """See the port."""
        rows = self._run(sql.CLASSES, job=job_id)
        return {(row.status, row.reason): row.documents for row in rows}

    def aggregate(self, job_id: uuid.UUID, kind: Kind, order: str, limit: int | None) -> list[list[Any]]:
        """See the port."""
        most = limit or _UNLIMITED
        if kind.measures:
            return self._listed(sql.MEASURES[kind], job=job_id, limit=most)
        if kind is Kind.LIST:
            return self._listed(sql.LIST, job=job_id, limit=most)
        if kind is Kind.COUNT:
            return self._listed(sql.COUNT_MATCHES, job=job_id)
        return self._listed(sql.GROUPS[order], job=job_id, limit=most)

    def _listed(self, statement: str, **values: Any) -> list[list[Any]]:
        return [list(row) for row in self._run(statement, **values)]

    def rows(self, job_id: uuid.UUID, after: int, limit: int, *, matches_only: bool = False) -> list[ItemRow]:
        """See the port."""
        status = LedgerClass.MATCH.value if matches_only else None
        found = self._run(sql.ROWS, job=job_id, after=after, limit=limit, status=status)
        return [
            ItemRow(
                row.ordinal,
                row.source_kind,
                row.source_id,
                row.source_name,
                row.status,
                row.reason,
                row.fields,
                row.quotes or [],
            )
            for row in found
        ]


def _conditions(filters: Filters) -> dict[str, Any]:
    """The filters as parameters; None for a condition that is not set."""
    return {
        "kinds": list(filters.source_kinds) or None,
        "ids": [uuid.UUID(value) for value in filters.ids] or None,
        "name": filters.name,
        "types": list(filters.content_types) or None,
        "tags": list(filters.tags) or None,
        "after": parse_time(filters.added_after) if filters.added_after else None,
        "before": parse_time(filters.added_before) if filters.added_before else None,
    }
