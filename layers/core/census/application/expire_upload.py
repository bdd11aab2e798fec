"""Ends files that will not end by themselves: uploads never made, messages that kill their worker."""

import uuid

from census.application.ingest_failures import UPLOAD_EXPIRED, crashed
from census.domain.facts import DocumentProcessed
from census.domain.identity import upload_key
from census.ports.object_store import ObjectStore
from census.ports.unit_of_work import Database


def receive_or_expire(
    database: Database, objects: ObjectStore, tenant_id: uuid.UUID, file_id: uuid.UUID
) -> bool:
    """Look for the bytes of a file that nobody reported; whether they are there, and the file received.

    S3's event may be lost, so only a look at the object tells that an upload was never made. If it was not,
    and its time is over, the file becomes `failed`; bytes that come all the same revive it.
    """
    found = objects.is_there(upload_key(tenant_id, file_id))
    with database.tenant(tenant_id) as work:
        if found:
            return work.ingest.receive(file_id)
        work.ingest.expire(file_id, UPLOAD_EXPIRED)
    return False


def fail_upload(database: Database, tenant_id: uuid.UUID, file_id: uuid.UUID, cause: str) -> bool:
    """Make a file `failed` whose message went to the dead letters; whether it was unfinished."""
    with database.tenant(tenant_id) as work:
        ended = work.ingest.abandon(file_id, crashed(cause))
        if ended:
            work.note(DocumentProcessed("file", "failed"))
        return ended
