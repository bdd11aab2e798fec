"""Deleting a document with all that only it needs. Figures of finished answers stay; its words go.

A text is shared by all rows with the same bytes, cached results by all texts with the same content: each
goes with the last that needs it.
"""

import uuid

from sqlalchemy import delete, text
from sqlalchemy.orm import Session

from census.adapters.postgres.deleted_names import take_names_out
from census.adapters.postgres.models import KnowledgeFile
from census.adapters.postgres.unused_texts import drop_unused_text
from census.domain.citations import DELETED_NOTE, DELETED_QUOTE, WITHDRAWN_ANSWER
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

# Lock order everywhere: jobs by id first. A job that ends at this moment has ended by the time we look, or
# looks when the source is gone; a recorder keeps nothing of a text that went.
_LOCK_JOBS = """
    SELECT j.id FROM processing_jobs j
    WHERE j.tenant_id = :tenant AND j.id IN (
        SELECT i.job_id FROM job_items i
        WHERE i.tenant_id = :tenant AND i.source_id = CAST(:source AS uuid))
    ORDER BY j.id FOR UPDATE"""
# A finished job keeps the document's class, and so its figures; a running one skips it.
_JOB_ITEMS = f"""
UPDATE job_items i SET
    quotes = CASE WHEN jsonb_typeof(i.quotes) = 'array' THEN (
        SELECT coalesce(jsonb_agg({_WITHOUT_QUOTE} ORDER BY place), '[]')
        FROM jsonb_array_elements(i.quotes) WITH ORDINALITY AS entries (entry, place)) END,
    fields = NULL, group_key = NULL, group_norm = NULL, measure = NULL, measure_unit = NULL,
    status = CASE WHEN j.completed_at IS NULL THEN 'skipped' ELSE i.status END,
    reason = CASE WHEN j.completed_at IS NULL THEN 'deleted' ELSE i.reason END
FROM processing_jobs j
WHERE j.tenant_id = :tenant AND j.id = i.job_id
  AND i.tenant_id = :tenant AND i.source_id = CAST(:source AS uuid)"""
_FINDINGS = """
DELETE FROM job_findings f USING job_items i
WHERE i.tenant_id = :tenant AND i.source_id = CAST(:source AS uuid)
  AND f.tenant_id = :tenant AND f.job_id = i.job_id AND f.item = i.ordinal"""
_NODES = """
WITH RECURSIVE gone AS (
    SELECT node_key::text AS key FROM reduce_nodes
    WHERE tenant_id = :tenant AND sources @> ARRAY[CAST(:source AS uuid)]
    UNION
    SELECT n.node_key::text FROM reduce_nodes n JOIN gone ON n.children @> ARRAY[gone.key]
    WHERE n.tenant_id = :tenant)
DELETE FROM reduce_nodes n USING gone WHERE n.tenant_id = :tenant AND n.node_key = gone.key"""
_SAYS_SO = """
UPDATE processing_jobs SET result = jsonb_set(result, '{answer}', to_jsonb(
    CASE WHEN intent_data ->> 'kind' = 'summary' THEN CAST(:withdrawn AS text)
         ELSE (result ->> 'answer') || ' ' || CAST(:note AS text) END))
WHERE tenant_id = :tenant AND id = ANY(CAST(:jobs AS uuid[])) AND completed_at IS NOT NULL
  AND jsonb_typeof(result -> 'answer') = 'string' AND position(:note IN result ->> 'answer') = 0
  AND EXISTS (SELECT FROM job_items i WHERE i.tenant_id = :tenant AND i.job_id = processing_jobs.id
              AND i.source_id = CAST(:source AS uuid) AND i.status <> 'skipped')"""
_MESSAGES_SAY_SO = """
UPDATE messages m SET content = j.result ->> 'answer' FROM processing_jobs j
WHERE j.tenant_id = :tenant AND j.id = ANY(CAST(:jobs AS uuid[])) AND j.completed_at IS NOT NULL
  AND jsonb_typeof(j.result -> 'answer') = 'string' AND m.tenant_id = :tenant AND m.id = j.message_id"""
_LOOKUPS = f"""
UPDATE messages SET content = :withdrawn
WHERE tenant_id = :tenant AND job_id IS NULL AND {_CITES.format("citations")}"""
_REPLIES = f"""
UPDATE idempotency_keys
SET response = jsonb_set(response, '{{body,message,content}}', to_jsonb(CAST(:withdrawn AS text)))
WHERE tenant_id = :tenant AND {_CITES.format("(response #> '{body,message,citations}')")}"""


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
    _FINDINGS,
    _NODES,
    _SAYS_SO,
    _MESSAGES_SAY_SO,
    _LOOKUPS,
    _REPLIES,
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
    jobs = redact_quotes(session, tenant_id, file_id)
    gone = row.text_id is not None and drop_unused_text(session, tenant_id, row.text_id)
    return DeletedFile(row.object_key, row.text_id if gone else None, jobs)


def redact_quotes(session: Session, tenant_id: uuid.UUID, source_id: uuid.UUID) -> tuple[uuid.UUID, ...]:
    """Take the source's words out of every answer of the tenant, within the deletion's transaction.

    The jobs that had pinned it: their exported rows are to go, too.
    """
    values = {"tenant": tenant_id, "source": str(source_id)}
    jobs = tuple(session.execute(text(_LOCK_JOBS), values).scalars())
    told = {
        "redacted": DELETED_QUOTE,
        "withdrawn": WITHDRAWN_ANSWER,
        "note": DELETED_NOTE,
        "jobs": list(jobs),
    }
    if jobs:
        take_names_out(session, tenant_id, source_id, jobs)
    for statement in _REDACTIONS:
        session.execute(text(statement), {**values, **told})
    return jobs
