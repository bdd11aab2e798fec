"""Process a failed file once more."""

import uuid

from census.application.list_files import describe_file
from census.application.send_hint import send_hint
from census.domain.errors import ConflictError
from census.domain.plan import JsonObject
from census.ports.file_store import FileRecord
from census.ports.queue import Queue
from census.ports.unit_of_work import Database


def retry_file(
    database: Database, ingest_queue: Queue, tenant_id: uuid.UUID, file_id: uuid.UUID
) -> JsonObject:
    """Reopen the file and hand it to ingestion; the file as it then stands.

    Raises NotFoundError; ConflictError unless it failed, and where its bytes never came.
    """
    with database.tenant(tenant_id) as work:
        _check_retry(work.files.get_for_update(file_id))
        work.files.reopen(file_id)
        reopened = describe_file(work, file_id)
    send_hint(ingest_queue, {"tenant_id": str(tenant_id), "file_id": str(file_id)})
    return reopened


def _check_retry(file: FileRecord) -> None:
    if file.status != "failed":
        raise ConflictError(f"The file is {file.status}; only a failed one can be tried again.", file.status)
    if not file.received:
        raise ConflictError(
            "The file was never uploaded, so there is nothing to try again; start over with POST /files.",
            file.status,
        )
