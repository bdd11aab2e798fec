"""Take URLs: each becomes a page that is fetched soon. A URL that is known already is fetched again.

So a URL never becomes two documents, and posting a list again refreshes it. With `follow` the pages are where
a crawl starts.
"""

import logging
import uuid
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from census.domain.crawl import POLITE_SECONDS, Follow
from census.domain.errors import FieldProblem, FieldsInvalidError, UnavailableError
from census.domain.identity import Caller
from census.domain.page_claims import page_reminder
from census.domain.page_urls import PageUrlError, host_of, normalize_page_url
from census.domain.plan import JsonObject
from census.ports.page_store import NewPages, PageRecord
from census.ports.queue import Queue
from census.ports.unit_of_work import Database

MOST_URLS = 100
LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class PostedUrl:
    """A URL as it was sent, and the path of its field in the body."""

    path: str
    text: str


def add_pages(
    database: Database, scrape_queue: Queue, caller: Caller, urls: Sequence[PostedUrl], follow: Follow | None
) -> JsonObject:
    """`{items: [{id, url, status}], crawl_id}`, an item for each different page in the order sent.

    Raises FieldsInvalidError with the path of every URL that is none, and where `max_pages` is less than the
    URLs to start from.
    """
    wanted = _normalize(urls)
    if follow is not None and follow.max_pages < len(wanted):
        told = f"must be at least {len(wanted)}, for the URLs to start from"
        raise FieldsInvalidError([FieldProblem("follow.max_pages", told)])
    with database.tenant(caller.tenant_id) as work:
        work.conversations.ensure_profile(caller.user_id)
        crawl_id = work.pages.start_crawl(caller.user_id, follow) if follow is not None else None
        pages = work.pages.put(NewPages(caller.user_id, one_after_the_other(wanted), crawl_id))
    send_pages(scrape_queue, caller.tenant_id, [page.id for page in pages])
    return {"items": [_item(page) for page in pages], "crawl_id": str(crawl_id) if crawl_id else None}


def one_after_the_other(urls: Sequence[str]) -> list[tuple[str, float]]:
    """The URLs, and in how many seconds each is due: those of one host follow each other politely."""
    before: Counter[str] = Counter()
    due = []
    for url in urls:
        due.append((url, before[host_of(url)] * POLITE_SECONDS))
        before[host_of(url)] += 1
    return due


def send_pages(scrape_queue: Queue, tenant_id: uuid.UUID, page_ids: Sequence[uuid.UUID]) -> None:
    """Send a message for each page; one that comes before its page is due waits by itself.

    Messages are hints: a queue that does not answer is logged, and reconcile_work finds the pages.
    """
    try:
        scrape_queue.send_many([page_reminder(tenant_id, page_id) for page_id in page_ids])
    except UnavailableError as error:
        LOG.warning("Messages could not be sent; the sweep will find their pages: %s", error)


def _normalize(urls: Sequence[PostedUrl]) -> list[str]:
    found: dict[str, None] = {}
    problems = []
    for url in urls:
        try:
            found[normalize_page_url(url.text)] = None
        except PageUrlError as error:
            problems.append(FieldProblem(url.path, str(error)))
    if problems:
        raise FieldsInvalidError(problems)
    return list(found)


def _item(page: PageRecord) -> JsonObject:
    return {"id": str(page.id), "url": page.url, "status": page.status}
