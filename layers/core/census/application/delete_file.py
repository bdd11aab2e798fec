"""Delete a document: its bytes, text, passages, vectors and cached results; its words in finished answers."""

import uuid

from census.domain.identity import EXPORT_PREFIX, rows_key
from census.ports.object_store import ObjectStore
from census.ports.unit_of_work import Database
from census.ports.vector_index import VectorIndex


def export_key(tenant_id: uuid.UUID, text_id: uuid.UUID) -> str:
    """Where a text too long for an answer is put for download."""
    return f"{EXPORT_PREFIX}/{tenant_id}/{text_id}.txt"


def delete_file(
    database: Database, objects: ObjectStore, vectors: VectorIndex, tenant_id: uuid.UUID, file_id: uuid.UUID
) -> None:
    """Raises NotFoundError, or UnavailableError when a store does not answer: then the row is still there.

    Objects and vectors go before the commit, so that the call can be repeated until all is gone. The other
    order would leave bytes behind that no row leads to.
    """
    with database.tenant(tenant_id) as work:
        deleted = work.files.delete(file_id)
        if deleted.object_key is not None:
            objects.delete(deleted.object_key)
        if deleted.text_id is not None:
            objects.delete(export_key(tenant_id, deleted.text_id))
        for job_id in deleted.jobs:
            objects.delete(rows_key(tenant_id, job_id))
    if deleted.text_id is not None:
        vectors.delete_text(tenant_id, deleted.text_id)
