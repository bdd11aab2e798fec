"""Delete a page: its text, passages, vectors and cached results; its words in finished answers."""

import uuid

from census.application.remove_leftovers import Stores, remove_leftovers
from census.domain.identity import export_key, rows_key


def delete_page(stores: Stores, tenant_id: uuid.UUID, page_id: uuid.UUID) -> None:
    """Raises NotFoundError, or UnavailableError when the bucket does not answer: then the row stays."""
    with stores.database.tenant(tenant_id) as work:
        deleted = work.pages.delete(page_id)
        keys = [export_key(tenant_id, deleted.text_id)] if deleted.text_id is not None else []
        stores.delete_objects(keys + [rows_key(tenant_id, job_id) for job_id in deleted.jobs])
    if deleted.text_id is not None:
        remove_leftovers(stores, tenant_id, deleted.text_id)
