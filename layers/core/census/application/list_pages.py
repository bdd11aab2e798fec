"""The tenant's pages from the web as people see them."""

import uuid
from dataclasses import asdict

from census.domain.cursor import Cursor, PageRequest
from census.domain.pages import iso_utc, page_to_json
from census.domain.plan import JsonObject
from census.domain.processing_error import ProcessingError
from census.ports.page_store import PageRecord
from census.ports.unit_of_work import TenantWork


def list_pages(work: TenantWork, status: str | None, request: PageRequest) -> JsonObject:
    """One page of the list, newest first by (created_at, id)."""
    rows = work.pages.page(status, request)
    return page_to_json(rows, request.limit, page_record_to_json, lambda row: Cursor(row.created_at, row.id))


def describe_page(work: TenantWork, page_id: uuid.UUID) -> JsonObject:
    """One page. Raises NotFoundError."""
    return page_record_to_json(work.pages.get(page_id))


def page_record_to_json(page: PageRecord) -> JsonObject:
    """A page as api.md shows it.

    A completed page may carry an error: then it shows the text it had, for fetching it again failed.
    """
    return {
        "id": str(page.id),
        "url": page.url,
        "title": page.title,
        "content_type": page.content_type,
        "size": page.size,
        "status": page.status,
        "job_id": page.job_id,
        "crawl_id": str(page.crawl_id) if page.crawl_id else None,
        "processing_error": _error_to_json(page.processing_error),
        "passages": page.passages,
        "tokens": page.tokens,
        "created_at": iso_utc(page.created_at),
        "updated_at": iso_utc(page.updated_at),
    }


def _error_to_json(text: str | None) -> JsonObject | None:
    if not text:
        return None
    error = asdict(ProcessingError.from_text(text))
    return {**error, "stage": None} if error["stage"] == "unknown" else error
