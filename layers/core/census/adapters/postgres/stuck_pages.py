"""Pages whose message was lost or whose worker died, over all tenants: what reconcile_work looks for.

Runs on a transaction of census_system. Every page found gets a message of its own (`page_reminder`).
"""

import uuid

from sqlalchemy.orm import Session

from census.adapters.postgres import page_statements as sql

GRACE_SECONDS = 900
"""A page this long overdue may just wait in the queue: one more message does no harm, a hundred would."""


def stuck_pages(session: Session, limit: int = 500) -> list[tuple[uuid.UUID, uuid.UUID]]:
    """(tenant, page) of at most `limit` pages that do not move by themselves, made `pending` and due."""
    rows = session.execute(sql.STUCK, {"grace": GRACE_SECONDS, "limit": limit})
    return [(row.tenant_id, row.id) for row in rows]


def pages_in_hand(session: Session) -> bool:
    """Whether any page is being fetched, or waits to be."""
    return bool(session.execute(sql.IN_HAND).scalar_one())
