"""Deleting a document with all that only it needs. Figures of finished answers stay; its words go.

A text is shared by all rows with the same bytes, cached results by all texts with the same content: each
goes with the last that needs it.
"""

import uuid

from sqlalchemy import delete, text
from sqlalchemy.orm import Session

from census.adapters.postgres.models import KnowledgeFile
from census.adapters.postgres.unused_texts import drop_unused_text
from census.domain.citations import DELETED_QUOTE
from census.ports.file_store import DeletedFile

_WITHOUT_QUOTE = "entry || jsonb_build_object('quote', CAST(:redacted AS text))"
# A list of citations, those of one source without their quotes; `{0}` is the list's expression.
_REDACTED = f"""(
    SELECT coalesce(jsonb_agg(
        CASE WHEN entry ->> 'source_id' = CAST(:source AS text) THEN {_WITHOUT_QUOTE} ELSE entry END
        ORDER BY place), '[]')
    FROM jsonb_array_elements({{0}}) WITH ORDINALITY AS entries (entry, place))"""
_CITES = """jsonb_typeof({0}) = 'array'
    AND {0} @> jsonb_build_array(jsonb_build_object('source_id', CAST(:source AS text)))"""

_JOB_ITEMS = f"""
UPDATE job_items SET quotes = (
    SELECT coalesce(jsonb_agg({_WITHOUT_QUOTE} ORDER BY place), '[]')
    FROM jsonb_array_elements(quotes) WITH ORDINALITY AS entries (entry, place))
WHERE tenant_id = :tenant AND source_id = CAST(:source AS uuid) AND jsonb_typeof(quotes) = 'array'"""


def _redaction(table: str, column: str, path: tuple[str, ...]) -> str:
    """An update of one table whose jsonb `column` holds citations at `path`."""
    place = "{" + ",".join(path) + "}"
    citations = f"({column} #> '{place}')" if path else column
    value = _REDACTED.format(citations)
    changed = f"jsonb_set({column}, '{place}', {value})" if path else value
    return f"UPDATE {table} SET {column} = {changed} WHERE tenant_id = :tenant AND {_CITES.format(citations)}"


_REDACTIONS = (
    _redaction("messages", "citations", ()),
    _redaction("processing_jobs", "result", ("citations",)),
    _redaction("processing_jobs", "intermediate_results", ("citations",)),
    _redaction("idempotency_keys", "response", ("body", "message", "citations")),
    _JOB_ITEMS,
)


def delete_file(session: Session, tenant_id: uuid.UUID, file_id: uuid.UUID) -> DeletedFile | None:
    """Delete the row and what only it needs; None for an unknown file. `text_id` tells that the text went."""
    row = session.execute(
        delete(KnowledgeFile)
        .where(KnowledgeFile.tenant_id == tenant_id, KnowledgeFile.id == file_id)
        .returning(KnowledgeFile.object_key, KnowledgeFile.text_id)
    ).one_or_none()
    if row is None:
        return None
    redact_quotes(session, tenant_id, file_id)
    gone = row.text_id is not None and drop_unused_text(session, tenant_id, row.text_id)
    return DeletedFile(row.object_key, row.text_id if gone else None)


def redact_quotes(session: Session, tenant_id: uuid.UUID, source_id: uuid.UUID) -> None:
    """Take the source's words out of every answer of the tenant."""
    values = {"tenant": tenant_id, "source": str(source_id), "redacted": DELETED_QUOTE}
    for statement in _REDACTIONS:
        session.execute(text(statement), values)
