"""Ends files that will not end by themselves: uploads never made, messages that kill their worker."""

import uuid

from census.application.ingest_failures import UPLOAD_EXPIRED, crashed
from census.domain.facts import DocumentProcessed
from census.ports.unit_of_work import Database


def expire_upload(database: Database, tenant_id: uuid.UUID, file_id: uuid.UUID) -> bool:
    """Make a file `failed` whose upload was not made in time; whether it was.

    Bytes that come all the same revive it.
    """
    with database.tenant(tenant_id) as work:
        return work.ingest.expire(file_id, UPLOAD_EXPIRED)


def fail_upload(database: Database, tenant_id: uuid.UUID, file_id: uuid.UUID, cause: str) -> bool:
    """Make a file `failed` whose message went to the dead letters; whether it was unfinished."""
    with database.tenant(tenant_id) as work:
        ended = work.ingest.abandon(file_id, crashed(cause))
        if ended:
            work.note(DocumentProcessed("file", "failed"))
        return ended
