"""The extracted text of a page: as it is, or a place to download it when it is long."""

import uuid

from census.application.read_file_text import DOWNLOAD_SECONDS, INLINE_BYTES, FileText
from census.domain.errors import ConflictError
from census.domain.identity import export_key
from census.ports.object_store import ObjectStore
from census.ports.unit_of_work import Database


def read_page_text(
    database: Database, objects: ObjectStore, tenant_id: uuid.UUID, page_id: uuid.UUID
) -> FileText:
    """Raises NotFoundError, ConflictError before the page is completed, UnavailableError."""
    with database.tenant(tenant_id) as work:
        stored = work.pages.text(page_id)
        status = work.pages.get(page_id).status
    if stored is None:
        raise ConflictError(f"The page is {status}; it has no text to show.", status)
    body = stored.text.encode()
    if len(body) <= INLINE_BYTES:
        return FileText(stored.text, None)
    key = export_key(tenant_id, stored.text_id)
    objects.put(key, body, content_type="text/plain; charset=utf-8")
    url = objects.presign_download(key, filename=f"{page_id}.txt", seconds=DOWNLOAD_SECONDS)
    return FileText(None, url)
