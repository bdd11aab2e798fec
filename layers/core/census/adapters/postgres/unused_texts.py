"""Texts go with the last row that shows them, cached results with the last text of the same content."""

import uuid

from sqlalchemy import text
from sqlalchemy.orm import Session

from census.adapters.postgres.removals import remove_objects, remove_vectors
from census.domain.identity import export_key

EXPORTED_CHARACTERS = 250_000
"""A text of 1 MB, four bytes each at the most: only longer ones are ever put into the bucket."""

_LOCK = text("SELECT content_hash FROM extracted_texts WHERE tenant_id = :tenant AND id = :text FOR UPDATE")
_DROP = text("""
    DELETE FROM extracted_texts t WHERE t.tenant_id = :tenant AND t.id = :text
      AND NOT EXISTS (SELECT FROM knowledge_files f WHERE f.tenant_id = t.tenant_id AND f.text_id = t.id)
      AND NOT EXISTS (SELECT FROM scraped_contents s WHERE s.tenant_id = t.tenant_id AND s.text_id = t.id)
    RETURNING length(t.text) AS length
""")
_DROP_RESULTS = text("""
    DELETE FROM map_results r WHERE r.tenant_id = :tenant AND r.content_hash = :content
      AND NOT EXISTS (SELECT FROM extracted_texts t
                      WHERE t.tenant_id = r.tenant_id AND t.content_hash = r.content_hash)
""")


def drop_unused_text(session: Session, tenant_id: uuid.UUID, text_id: uuid.UUID) -> bool:
    """Delete a text that no row shows, its passages and cached results; whether it went.

    Its vectors may be in another store: they go after the commit.

    The lock comes first: a row that takes up the text at this moment has committed by the time we look.
    """
    this = {"tenant": tenant_id, "text": text_id}
    content_hash = session.execute(_LOCK, this).scalar_one_or_none()
    gone = None if content_hash is None else session.execute(_DROP, this).one_or_none()
    if gone is None:
        return False
    session.execute(_DROP_RESULTS, {"tenant": tenant_id, "content": content_hash})
    remove_vectors(session, tenant_id, text_id)
    if gone.length >= EXPORTED_CHARACTERS:
        remove_objects(session, tenant_id, [export_key(tenant_id, text_id)])
    return True
