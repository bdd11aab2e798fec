"""Delete a document: its bytes, text, passages, vectors and cached results; its words in finished answers."""

import uuid

from census.application.remove_leftovers import Stores, remove_leftovers
from census.domain.identity import export_key, rows_key


def delete_file(stores: Stores, tenant_id: uuid.UUID, file_id: uuid.UUID) -> None:
    """Raises NotFoundError, or UnavailableError when the bucket does not answer: then the row is still there.

    Objects go before the commit, so that the call can be repeated until all is gone. Vectors go after it,
    now or by a sweep: the outbox leads to them, and readers do not see them without their text.
    """
    with stores.database.tenant(tenant_id) as work:
        deleted = work.files.delete(file_id)
        keys = [deleted.object_key] if deleted.object_key is not None else []
        if deleted.text_id is not None:
            keys.append(export_key(tenant_id, deleted.text_id))
        keys += [rows_key(tenant_id, job_id) for job_id in deleted.jobs]
        stores.delete_objects(keys)
    if deleted.text_id is not None:
        remove_leftovers(stores, tenant_id, deleted.text_id)
