"""The tenant's documents as people see them."""

import uuid
from dataclasses import asdict

from census.domain.cursor import Cursor, PageRequest
from census.domain.pages import iso_utc, page_to_json
from census.domain.plan import JsonObject
from census.domain.processing_error import ProcessingError
from census.ports.file_store import FileRecord
from census.ports.unit_of_work import TenantWork


def list_files(work: TenantWork, status: str | None, request: PageRequest) -> JsonObject:
    """A page of files, newest first by (uploaded_at, id)."""
    rows = work.files.page(status, request)
    return page_to_json(rows, request.limit, file_to_json, lambda row: Cursor(row.uploaded_at, row.id))


def describe_file(work: TenantWork, file_id: uuid.UUID) -> JsonObject:
    """One file. Raises NotFoundError."""
    return file_to_json(work.files.get(file_id))


def tell_warnings(work: TenantWork, file_id: uuid.UUID) -> JsonObject:
    """What of one file was not read, or read otherwise than declared. Raises NotFoundError."""
    return {"items": work.files.get(file_id).warnings}


def file_to_json(file: FileRecord) -> JsonObject:
    """A file as the interface shows it."""
    return {
        "id": str(file.id),
        "filename": file.filename,
        "content_type": file.content_type,
        "size": file.size,
        "status": file.status,
        "job_id": file.job_id,
        "processing_error": _error_to_json(file.processing_error),
        "passages": file.passages,
        "tokens": file.tokens,
        "uploaded_at": iso_utc(file.uploaded_at),
        "updated_at": iso_utc(file.updated_at),
    }


def _error_to_json(text: str | None) -> JsonObject | None:
    """The stored error; one from before stages were kept has none."""
    if not text:
        return None
    error = asdict(ProcessingError.from_text(text))
    return {**error, "stage": None} if error["stage"] == "unknown" else error
