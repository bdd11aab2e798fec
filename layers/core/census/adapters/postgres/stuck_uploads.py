"""Files whose message was lost or whose worker died, over all tenants: what reconcile_work looks for.

Runs on a transaction of census_system, which may read and change files. Every file found gets a message of
its own (`reminder`): ingestion then reads what came, or ends what never came.
"""

import datetime as dt
import uuid

from sqlalchemy import ColumnElement, and_, func, or_, select, update
from sqlalchemy.orm import Session

from census.adapters.postgres.models import KnowledgeFile
from census.domain.upload_claims import FileStatus

NOW = func.clock_timestamp()
GRACE = dt.timedelta(seconds=60)
"""A delayed message may come this late before it counts as lost."""

LEASE = dt.timedelta(seconds=900)
"""A file whose message was sent again is not found for so long: it may just be waiting in the queue."""

FileRef = tuple[uuid.UUID, uuid.UUID]
"""Tenant and file."""


def stuck_uploads(session: Session, limit: int = 500) -> list[FileRef]:
    """At most `limit` files that will not move by themselves."""
    stalled = take_stalled(session, limit)
    return stalled + never_uploaded(session, limit - len(stalled))


def take_stalled(session: Session, limit: int) -> list[FileRef]:
    """Received files that nobody works on and whose message is overdue.

    They become `pending` and count as reminded of for LEASE, so that sweeps do not pile up messages.
    """
    stalled = (
        select(KnowledgeFile.id)
        .where(or_(_overdue(), _worker_died()))
        .order_by(KnowledgeFile.claimed_until.nulls_first())
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    taken = session.execute(
        update(KnowledgeFile)
        .where(KnowledgeFile.id.in_(stalled))
        .values(status=FileStatus.PENDING, claimed_until=NOW + LEASE, updated_at=NOW)
        .returning(KnowledgeFile.tenant_id, KnowledgeFile.id)
    )
    return [(row.tenant_id, row.id) for row in taken]


def never_uploaded(session: Session, limit: int) -> list[FileRef]:
    """Announced files whose upload was not made in time."""
    rows = session.execute(
        select(KnowledgeFile.tenant_id, KnowledgeFile.id)
        .where(
            KnowledgeFile.status == FileStatus.PENDING,
            KnowledgeFile.received_at.is_(None),
            KnowledgeFile.upload_expires_at < NOW,
        )
        .order_by(KnowledgeFile.upload_expires_at)
        .limit(limit)
    )
    return [(row.tenant_id, row.id) for row in rows]


def _overdue() -> ColumnElement[bool]:
    due = func.coalesce(KnowledgeFile.claimed_until, KnowledgeFile.updated_at)
    return and_(
        KnowledgeFile.status == FileStatus.PENDING,
        KnowledgeFile.received_at.is_not(None),
        due < NOW - GRACE,
    )


def _worker_died() -> ColumnElement[bool]:
    return and_(KnowledgeFile.status == FileStatus.PROCESSING, KnowledgeFile.claimed_until < NOW)
