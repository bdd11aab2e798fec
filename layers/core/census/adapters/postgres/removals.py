"""The outbox of deletions in other stores, written in the transaction that makes them due."""

import uuid
from collections.abc import Iterable

from sqlalchemy import text
from sqlalchemy.orm import Session

_REMOVE_TEXT = text("INSERT INTO removals (tenant_id, text_id) VALUES (:tenant, :text)")
_REMOVE_OBJECTS = text("""
    INSERT INTO removals (tenant_id, object_key) SELECT :tenant, key FROM unnest(CAST(:keys AS text[])) AS key
""")


def remove_vectors(session: Session, tenant_id: uuid.UUID, text_id: uuid.UUID) -> None:
    """Have all vectors of a text deleted after the commit."""
    session.execute(_REMOVE_TEXT, {"tenant": tenant_id, "text": text_id})


def remove_objects(session: Session, tenant_id: uuid.UUID, keys: Iterable[str]) -> None:
    """Have these objects deleted after the commit."""
    session.execute(_REMOVE_OBJECTS, {"tenant": tenant_id, "keys": list(keys)})
