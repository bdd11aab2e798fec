"""The extracted text of a file: as it is, or a place to download it when it is long."""

import uuid
from dataclasses import dataclass

from census.domain.errors import ConflictError
from census.domain.identity import export_key
from census.ports.object_store import ObjectStore
from census.ports.unit_of_work import Database

INLINE_BYTES = 1_000_000
DOWNLOAD_SECONDS = 300


@dataclass(frozen=True)
class FileText:
    """Either the text itself, or the URL where it can be downloaded for five minutes."""

    text: str | None
    url: str | None


def read_file_text(
    database: Database, objects: ObjectStore, tenant_id: uuid.UUID, file_id: uuid.UUID
) -> FileText:
    """Raises NotFoundError, ConflictError before the file is completed, UnavailableError."""
    with database.tenant(tenant_id) as work:
        file = work.files.get(file_id)
        stored = work.files.text(file_id)
    if stored is None:
        raise ConflictError(f"The file is {file.status}; it has no text to show.", file.status)
    body = stored.text.encode()
    if len(body) <= INLINE_BYTES:
        return FileText(stored.text, None)
    key = export_key(tenant_id, stored.text_id)
    objects.put(key, body, content_type="text/plain; charset=utf-8")
    url = objects.presign_download(key, filename=f"{file_id}.txt", seconds=DOWNLOAD_SECONDS)
    return FileText(None, url)
