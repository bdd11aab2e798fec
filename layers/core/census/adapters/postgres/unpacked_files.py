"""Rows of files that come out of an archive, made while the archive's claim holds."""

from sqlalchemy import text
from sqlalchemy.orm import Session

from census.ports.ingest_store import FileClaim, UnpackedRow

EVENT_SECONDS = 120
"""The event of the stored object may take so long before the file counts as stuck."""

# The bytes are in our hands, so the file is received and stands in every ledger, though its event is to come.
_ADD = text("""
    WITH archive AS (
        SELECT user_id, tags, received_at FROM knowledge_files
        WHERE tenant_id = :tenant AND id = :archive AND status = 'processing'
          AND attempts = :attempt AND claimed_until = :until
    ), added AS (
        INSERT INTO knowledge_files (tenant_id, id, user_id, filename, tags, object_key, size, replaces,
                                     status, processing_error, received_at, processed_at, claimed_until)
        SELECT :tenant, CAST(:id AS uuid), user_id, :filename, tags, :key, :size,
               (SELECT id FROM knowledge_files WHERE tenant_id = :tenant AND id = CAST(:replaces AS uuid)),
               CASE WHEN CAST(:error AS text) IS NULL THEN 'pending' ELSE 'failed' END, :error,
               clock_timestamp(), CASE WHEN CAST(:error AS text) IS NOT NULL THEN clock_timestamp() END,
               CASE WHEN CAST(:error AS text) IS NULL
                    THEN clock_timestamp() + make_interval(secs => :event_seconds) END
        FROM archive
        ON CONFLICT (id) DO NOTHING
    )
    SELECT file.id IS NULL OR file.sequencer IS NULL OR file.received_at < archive.received_at
    FROM archive LEFT JOIN knowledge_files file ON file.tenant_id = :tenant AND file.id = CAST(:id AS uuid)
""")


def add_unpacked(session: Session, claim: FileClaim, row: UnpackedRow) -> bool | None:
    """See census.ports.ingest_store.IngestStore.add_unpacked.

    The bytes of a file that is there are stored again until S3 has reported them, and where the archive
    itself was uploaded anew since.
    """
    values = {
        "tenant": claim.tenant_id,
        "archive": claim.file_id,
        "attempt": claim.attempt,
        "until": claim.until,
        "id": row.id,
        "filename": row.filename,
        "key": row.object_key,
        "size": row.size,
        "replaces": row.replaces,
        "error": row.error.to_text() if row.error else None,
        "event_seconds": EVENT_SECONDS,
    }
    found = session.execute(_ADD, values).one_or_none()
    return None if found is None else bool(found[0]) and row.error is None
