"""Stop a crawl: what was fetched stays, what is being fetched ends, nothing further begins."""

import uuid

from census.domain.page_errors import CRAWL_CANCELLED
from census.domain.plan import JsonObject
from census.ports.unit_of_work import Database


def cancel_crawl(database: Database, tenant_id: uuid.UUID, crawl_id: uuid.UUID) -> JsonObject:
    """`{id, cancelled_pages}`: how many pages were not begun. Doing it twice is no error.

    Raises NotFoundError.
    """
    with database.tenant(tenant_id) as work:
        stopped = work.pages.cancel_crawl(crawl_id, CRAWL_CANCELLED)
    return {"id": str(crawl_id), "cancelled_pages": stopped}
