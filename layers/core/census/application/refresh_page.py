"""Fetch a page once more: because it failed, or because it may have changed."""

import uuid

from census.application.add_pages import send_pages
from census.application.list_pages import describe_page
from census.domain.errors import ConflictError
from census.domain.plan import JsonObject
from census.ports.queue import Queue
from census.ports.unit_of_work import Database

UNDER_WAY = ("pending", "processing")


def retry_page(
    database: Database, scrape_queue: Queue, tenant_id: uuid.UUID, page_id: uuid.UUID
) -> JsonObject:
    """Fetch a failed page once more, within its crawl if that goes on; the page as it then stands.

    Raises NotFoundError; ConflictError unless it failed.
    """
    with database.tenant(tenant_id) as work:
        page = work.pages.get(page_id, lock=True)
        if page.status != "failed":
            told = f"The page is {page.status}; only a failed one can be tried again. Use refresh instead."
            raise ConflictError(told, page.status)
        work.pages.reopen(page_id, leave_crawl=False)
        reopened = describe_page(work, page_id)
    send_pages(scrape_queue, tenant_id, [page_id])
    return reopened


def refresh_page(
    database: Database, scrape_queue: Queue, tenant_id: uuid.UUID, page_id: uuid.UUID
) -> JsonObject:
    """Fetch this page alone again if its server says that it changed; the page as it then stands.

    One that is under way already stays as it is. Raises NotFoundError.
    """
    with database.tenant(tenant_id) as work:
        if work.pages.get(page_id, lock=True).status not in UNDER_WAY:
            work.pages.reopen(page_id, leave_crawl=True)
        reopened = describe_page(work, page_id)
    send_pages(scrape_queue, tenant_id, [page_id])
    return reopened
