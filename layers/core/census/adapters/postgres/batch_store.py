"""Batches in PostgreSQL: cut, sent, claimed, recorded. Implements census.ports.job_store.BatchStore."""

import json
import uuid
from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal
from itertools import groupby
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from census.adapters.postgres import batch_statements as sql
from census.domain.batches import Batch
from census.ports.job_store import (
    BatchKey,
    BatchPrice,
    BatchRecord,
    ClaimedBatch,
    ClaimedWindow,
    Claims,
    Late,
    LeaseLeft,
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

    def lost(self, job_id: uuid.UUID, late: Late, limit: int) -> list[int]:
        """See the port."""
        rows = self._run(sql.LOST, job=job_id, come_back=late.come_back, unread=late.unread, limit=limit)
        return list(rows.scalars())

    def mark_sent(self, job_id: uuid.UUID, ordinals: Sequence[int], generation: int) -> None:
        """See the port."""
        self._run(sql.MARK_SENT, job=job_id, ordinals=list(ordinals), generation=generation)

    def postpone(self, key: BatchKey, delay_seconds: int) -> None:
        """See the port."""
        self._run(sql.POSTPONE, job=key.job_id, ordinal=key.ordinal, delay=delay_seconds)

    def claim(
        self,
        keys: Sequence[BatchKey],
        lease_seconds: int,
        price: BatchPrice = BatchPrice(),  # noqa: B008  # frozen
    ) -> Claims:
        """See the port."""
        rows = self._run(
            sql.CLAIM,
            jobs=[key.job_id for key in keys],
            ordinals=[key.ordinal for key in keys],
            lease=lease_seconds,
            claim=(claim := uuid.uuid4()),
            usd_a_batch=price.a_batch,
            usd_a_token=price.a_token,
        ).all()
        return _claims(claim, rows)

    def record(
        self,
        records: Sequence[BatchRecord],
        spending: Mapping[uuid.UUID, Spending],
        lease: LeaseLeft | None = None,
    ) -> list[Recorded]:
        """See the port."""
        jobs = sorted({record.key.job_id for record in records} | set(spending))
        ended = [(record, record.outcome) for record in records if record.outcome]
        readings = [_reading(r) for record in records for r in record.readings]
        rows = self._run(
            sql.RECORD,
            spent=json.dumps([_spending(job, spending.get(job, Spending())) for job in jobs]),
            jobs=[record.key.job_id for record, _ in ended],
            ordinals=[record.key.ordinal for record, _ in ended],
            outcomes=[outcome.value for _, outcome in ended],
            reasons=[record.reason or "" for record, _ in ended],
            failures=[json.dumps(record.failures) if record.failures else "" for record, _ in ended],
            readings=json.dumps(readings) if readings else None,
            holder=lease.holder if lease else None,
            kept=lease.calls if lease else 0,
        )
        return [
            Recorded(r.job, r.left_to_read, r.counted > 0 and r.left_to_read == 0, bool(r.step_due))
            for r in rows
        ]

    def over(self, job_ids: Collection[uuid.UUID]) -> set[uuid.UUID]:
        """See the port."""
        return set(job_ids) - set(self._run(sql.AT_WORK, jobs=list(job_ids)).scalars())

    def reserve(self, job_id: uuid.UUID, usd: Decimal) -> bool:
        """See the port."""
        self._run(sql.LOCK_BUDGETS)
        return self._run(sql.RESERVE, job=job_id, usd=usd).one_or_none() is not None

    def take_steps(self, job_ids: Collection[uuid.UUID]) -> list[uuid.UUID]:
        """See the port."""
        return list(self._run(sql.TAKE_STEPS, jobs=sorted(job_ids)).scalars()) if job_ids else []

    def open_tokens(self, job_id: uuid.UUID) -> int:
        """See the port."""
        return int(self._run(sql.OPEN_TOKENS, job=job_id).scalar_one())

    def release(self, releases: Sequence[Release]) -> None:
        """See the port."""
        self._run(
            sql.RELEASE,
            jobs=[release.key.job_id for release in releases],
            ordinals=[release.key.ordinal for release in releases],
            claims=[release.claim for release in releases],
            given_back=[0 if release.attempted else 1 for release in releases],
            called=[int(release.called) for release in releases],
            delays=[release.delay_seconds for release in releases],
        )

    def unrecorded(self, claims: Sequence[tuple[BatchKey, uuid.UUID]]) -> dict[BatchKey, bool]:
        """See the port."""
        jobs = [key.job_id for key, _ in claims]
        self._run(sql.LOCK_JOBS, jobs=sorted(set(jobs)))
        ordinals, holders = [key.ordinal for key, _ in claims], [claim for _, claim in claims]
        rows = self._run(sql.UNRECORDED, jobs=jobs, ordinals=ordinals, claims=holders)
        return {BatchKey(row.job_id, row.ordinal): bool(row.held) for row in rows}

    def windows(self, key: BatchKey) -> list[tuple[int, int]]:
        """See the port."""
        found = self._run(sql.WINDOWS, job=key.job_id, ordinal=key.ordinal).scalar_one_or_none()
        return [(int(item), int(window)) for item, window in found or []]

    def failures(self, job_id: uuid.UUID) -> dict[int, str]:
        """See the port."""
        rows = self._run(sql.FAILURES, job=job_id)
        return {row.item: row.reason for row in rows}


def _claims(claim: uuid.UUID, rows: Sequence[Any]) -> Claims:
    plans = {row.job_id: row.plan for row in rows if row.plan is not None}
    taken = groupby(
        (row for row in rows if row.state == "claimed"), key=lambda row: (row.job_id, row.ordinal)
    )
    batches = tuple(_claimed(claim, list(group), plans) for _, group in taken)

    def of(state: str) -> tuple[BatchKey, ...]:
        return tuple(BatchKey(row.job_id, row.ordinal) for row in rows if row.state == state)

    stopped = tuple(key.job_id for key in of("stopped"))
    return Claims(batches, of("suspect"), of("crashed"), of("unaffordable"), stopped)


def _claimed(claim: uuid.UUID, rows: list[Any], plans: Mapping[uuid.UUID, Any]) -> ClaimedBatch:
    first = rows[0]
    return ClaimedBatch(
        key=BatchKey(first.job_id, first.ordinal),
        claim=claim,
        attempts=first.attempt,
        atoms=tuple(first.atoms),
        windows=tuple(_window(row) for row in rows),
        plan=plans[first.job_id],
        tokens=first.tokens,
        times_busy=first.busy,
        reserved_usd=first.reserved,
        user_id=first.user_id,
        since=first.since,
        failed_calls=first.failed_calls,
    )


def _window(row: Any) -> ClaimedWindow:
    return ClaimedWindow(
        lead=row.item,
        number=row.number,
        content_hash=row.content_hash or "",
        window_key=row.window_key or "",
        char_start=row.char_start or 0,
        heading=row.heading or "",
        text=row.window_text,
        known=frozenset(row.known or ()),
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
        "user_id": str(spent.user_id) if spent.user_id else None,
        "calls": spent.calls,
        "input_tokens": spent.input_tokens,
        "output_tokens": spent.output_tokens,
        "usd": str(spent.usd),
        "settled": str(spent.settled_usd),
        "since": spent.since.isoformat() if spent.since else None,
    }
