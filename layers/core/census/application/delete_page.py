"""Delete a page: its text, passages, vectors and cached results; its words in finished answers."""

import uuid

from census.application.delete_file import export_key
from census.domain.identity import rows_key
from census.ports.object_store import ObjectStore
from census.ports.unit_of_work import Database
from census.ports.vector_index import VectorIndex


def delete_page(
    database: Database, objects: ObjectStore, vectors: VectorIndex, tenant_id: uuid.UUID, page_id: uuid.UUID
) -> None:
    """Raises NotFoundError, or UnavailableError when a store does not answer: then the row is still there."""
    with database.tenant(tenant_id) as work:
        deleted = work.pages.delete(page_id)
        if deleted.text_id is not None:
            objects.delete(export_key(tenant_id, deleted.text_id))
        for job_id in deleted.jobs:
            objects.delete(rows_key(tenant_id, job_id))
    if deleted.text_id is not None:
        vectors.delete_text(tenant_id, deleted.text_id)
