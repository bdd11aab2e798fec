"""Delete a page: its text, passages, vectors and cached results; its words in finished answers."""

import uuid

from census.application.delete_file import export_key
from census.ports.object_store import ObjectStore
from census.ports.unit_of_work import Database
from census.ports.vector_index import VectorIndex


def delete_page(
    database: Database, objects: ObjectStore, vectors: VectorIndex, tenant_id: uuid.UUID, page_id: uuid.UUID
) -> None:
    """Raises NotFoundError, or UnavailableError when a store does not answer: then the row is still there."""
    with database.tenant(tenant_id) as work:
        text_id = work.pages.delete(page_id)
        if text_id is not None:
            objects.delete(export_key(tenant_id, text_id))
    if text_id is not None:
        vectors.delete_text(tenant_id, text_id)
