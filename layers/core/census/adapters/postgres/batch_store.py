"""Batches in PostgreSQL: cut, sent, claimed, recorded. Implements census.ports.job_store.BatchStore."""

import json
import uuid
from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from census.adapters.postgres import batch_statements as sql
from census.domain.batches import Batch
from census.ports.job_store import (
    BatchKey,
    BatchRecord,
    ClaimedBatch,
    ClaimedWindow,
    Recorded,
    Release,
    Spending,
)


class PostgresBatchStore:
    """See the port."""

    def __init__(self, session: Session, tenant_id: uuid.UUID) -> None:
        self._session = session
        self._tenant_id = tenant_id

    def _run(self, statement: str, **values: Any) -> Any:
        return self._session.execute(text(statement), {"tenant": self._tenant_id, **values})

    def drop_open(self, job_id: uuid.UUID) -> None:
        """See the port."""
        self._run(sql.DROP_OPEN, job=job_id)

    def add(self, job_id: uuid.UUID, batches: Sequence[Batch]) -> None:
        """See the port."""
        rows = [
            {
                "ordinal": batch.ordinal,
                "windows": batch.windows,
                "atoms": batch.atoms,
                "first_item": batch.first_item,
                "last_item": batch.last_item,
                "tokens": batch.tokens,
            }
            for batch in batches
        ]
        if rows:
            self._run(sql.INSERT, job=job_id, rows=json.dumps(rows))

    def last_ordinal(self, job_id: uuid.UUID) -> int:
        """See the port."""
        return int(self._run(sql.LAST_ORDINAL, job=job_id).scalar_one())

    def count_done(self, job_id: uuid.UUID) -> int:
        """See the port."""
        return int(self._run(sql.COUNT_DONE, job=job_id).scalar_one())

    def unsent(self, job_id: uuid.UUID, generation: int, limit: int) -> list[int]:
        """See the port."""
        rows = self._run(sql.UNSENT, job=job_id, generation=generation, limit=limit)
        return list(rows.scalars())

    def lost(self, job_id: uuid.UUID, unclaimed_for_seconds: int | None, limit: int) -> list[int]:
        """See the port."""
        rows = self._run(sql.LOST, job=job_id, unclaimed=unclaimed_for_seconds, limit=limit)
        return list(rows.scalars())

    def mark_sent(self, job_id: uuid.UUID, ordinals: Sequence[int], generation: int) -> None:
        """See the port."""
        self._run(sql.MARK_SENT, job=job_id, ordinals=list(ordinals), generation=generation)

    def claim(self, keys: Sequence[BatchKey], lease_seconds: int) -> list[ClaimedBatch]:
        """See the port."""
        rows = self._run(
            sql.CLAIM,
            jobs=[key.job_id for key in keys],
            ordinals=[key.ordinal for key in keys],
            lease=lease_seconds,
            claim=uuid.uuid4(),
        ).all()
        plans = {row.job_id: row.plan for row in rows if row.plan is not None}
        by_batch = groupby(rows, key=lambda row: (row.job_id, row.ordinal))
        return [_claimed(job_id, ordinal, list(group), plans) for (job_id, ordinal), group in by_batch]

    def record(
        self, records: Sequence[BatchRecord], spending: Mapping[uuid.UUID, Spending]
    ) -> list[Recorded]:
        """See the port."""
        jobs = sorted({record.key.job_id for record in records} | set(spending))
        self._run(sql.LOCK_JOBS, jobs=jobs)
        ended = [(record, record.outcome) for record in records if record.outcome]
        rows = self._run(
            sql.RECORD,
            outcome_jobs=[record.key.job_id for record, _ in ended],
            ordinals=[record.key.ordinal for record, _ in ended],
            outcomes=[outcome.value for _, outcome in ended],
            reasons=[record.reason or "" for record, _ in ended],
            failures=[json.dumps(record.failures) if record.failures else "" for record, _ in ended],
            readings=json.dumps([_reading(r) for record in records for r in record.readings]),
            spending=json.dumps([_spending(job, spending.get(job, Spending())) for job in jobs]),
        )
        return [Recorded(r.id, r.remaining, r.counted > 0 and r.remaining == 0) for r in rows]

    def release(self, releases: Sequence[Release]) -> None:
        """See the port."""
        self._run(
            sql.RELEASE,
            jobs=[release.key.job_id for release in releases],
            ordinals=[release.key.ordinal for release in releases],
            claims=[release.claim for release in releases],
            given_back=[0 if release.attempted else 1 for release in releases],
        )

    def windows(self, key: BatchKey) -> list[tuple[int, int]]:
        """See the port."""
        found = self._run(sql.WINDOWS, job=key.job_id, ordinal=key.ordinal).scalar_one_or_none()
        return [(int(item), int(window)) for item, window in found or []]

    def failures(self, job_id: uuid.UUID) -> dict[int, str]:
        """See the port."""
        rows = self._run(sql.FAILURES, job=job_id)
        return {row.item: row.reason for row in rows}


def _claimed(
    job_id: uuid.UUID, ordinal: int, rows: list[Any], plans: Mapping[uuid.UUID, Any]
) -> ClaimedBatch:
    windows = tuple(
        ClaimedWindow(
            lead=row.item,
            number=row.number,
            content_hash=row.content_hash or "",
            window_key=row.window_key or "",
            char_start=row.char_start or 0,
            heading=row.heading or "",
            text=row.window_text,
            known=frozenset(row.known or ()),
        )
        for row in rows
    )
    first = rows[0]
    return ClaimedBatch(
        BatchKey(job_id, ordinal), first.claim, first.attempts, tuple(first.atoms), windows, plans[job_id]
    )


def _reading(reading: Any) -> dict[str, Any]:
    return {
        "content_hash": reading.content_hash,
        "window_key": reading.window_key,
        "atom_key": reading.atom_key,
        "reading": reading.reading,
    }


def _spending(job_id: uuid.UUID, spent: Spending) -> dict[str, Any]:
    return {
        "job_id": str(job_id),
        "calls": spent.calls,
        "input_tokens": spent.input_tokens,
        "output_tokens": spent.output_tokens,
        "usd": str(spent.usd),
    }
