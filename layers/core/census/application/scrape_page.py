"""Takes a page from its URL to `completed`, or to a state that says what is wrong.

Three transactions, as for files: claim; keep the text (outside of any while it fetches, reads and embeds);
show it, and go on with the crawl. Each can be repeated: a worker that dies anywhere leaves a claim that
expires. Going back to the queue is a new message; the database counts the attempts.
"""

import logging
import tempfile
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from census.application.add_pages import send_pages
from census.application.ingest_failures import IngestStoppedError, during
from census.application.make_text import SourceBytes, TextMaking, make_text
from census.application.remove_leftovers import Stores, remove_leftovers
from census.domain.crawl import pages_to_follow, polite_seconds
from census.domain.errors import UnavailableError
from census.domain.facts import DocumentProcessed
from census.domain.page_claims import (
    MAX_ATTEMPTS,
    StopCrawl,
    TakePage,
    decide_page_claim,
    page_delay_after,
    page_reminder,
    read_page_message,
)
from census.domain.page_errors import CRAWL_CANCELLED, PageBusyError, PageFetchError, page_crashed
from census.domain.page_urls import file_name_of
from census.domain.processing_error import ProcessingError
from census.domain.upload_claims import GiveUp, Leave, Wait
from census.ports.page_fetcher import FetchedPage, LinkReader, PageFetcher, UnchangedPage, WantedPage
from census.ports.page_store import PageClaim, ReadyPage, ScrapedPage
from census.ports.queue import Queue
from census.ports.unit_of_work import Database

LOG = logging.getLogger(__name__)

FETCH_SECONDS = 20.0
"""Robots.txt, redirects and the page together. With 20 s to extract, 5 s for the links and 10 s to embed and
store, a page fits into the function's 60 s."""


@dataclass(frozen=True)
class PageScraping:
    """What scraping takes."""

    making: TextMaking
    fetcher: PageFetcher
    links: LinkReader
    queue: Queue


def scrape_message(
    scraping: PageScraping, body: str, message_id: str, remaining_seconds: Callable[[], float]
) -> None:
    """Do what a message of the scrape queue asks. Returning means: the message is done with.

    `remaining_seconds` tells how long the worker may still live, which is how long it claims the page. What
    goes wrong with a page is on its row. An error that is raised means: deliver the message again.
    """
    named = read_page_message(body)
    if named is None:
        LOG.warning("A message of the scrape queue was ignored: it names no page.")
        return
    claim = _claim(scraping, *named, message_id, remaining_seconds())
    if claim is None:
        return
    try:
        _process(scraping, claim)
    except IngestStoppedError as stopped:
        _record_failure(scraping, claim, stopped)


def fail_page(database: Database, tenant_id: uuid.UUID, page_id: uuid.UUID, cause: str) -> bool:
    """End a page whose message went to the dead letters; whether it was unfinished."""
    with database.tenant(tenant_id) as work:
        ended = work.pages.abandon(page_id, page_crashed(cause))
        if ended:
            work.note(DocumentProcessed("page", "failed"))
        return ended


def _claim(
    scraping: PageScraping, tenant_id: uuid.UUID, page_id: uuid.UUID, message_id: str, seconds: float
) -> PageClaim | None:
    with scraping.making.database.tenant(tenant_id) as work:
        state = work.pages.lock(page_id)
        decision = decide_page_claim(state, message_id) if state else Leave("there is no such page")
        if isinstance(decision, TakePage):
            return work.pages.claim(page_id, decision, message_id, seconds)
        if isinstance(decision, StopCrawl):
            work.pages.abandon(page_id, CRAWL_CANCELLED)
        if isinstance(decision, GiveUp):
            work.pages.abandon(page_id, page_crashed(f"{decision.attempts} attempts"))
            work.note(DocumentProcessed("page", "failed"))
    if isinstance(decision, Wait):
        scraping.queue.send(page_reminder(tenant_id, page_id), min(900, int(decision.seconds) + 1))
    LOG.info("The page %s is left alone: %s.", page_id, decision)
    return None


def _process(scraping: PageScraping, claim: PageClaim) -> None:
    with tempfile.TemporaryDirectory(prefix="census-") as folder:
        path = Path(folder) / "page"
        with fetching():
            fetched = scraping.fetcher.fetch(_wanted(claim), path, FETCH_SECONDS)
        if isinstance(fetched, UnchangedPage):
            with during("store"), scraping.making.database.tenant(claim.tenant_id) as work:
                work.pages.keep(claim)
                work.note(DocumentProcessed("page", "unchanged"))
            return
        source = SourceBytes(path, file_name_of(fetched.url), fetched.content_type)
        saved = make_text(scraping.making, claim.owner, source)
        links = _links(scraping, claim, fetched, path)
    ready = ReadyPage(
        saved.text_id,
        fetched.size,
        saved.media_type,
        fetched.etag,
        fetched.last_modified,
        links,
        polite_seconds(fetched.polite_seconds),
    )
    _finish(scraping, claim, ready)


def _wanted(claim: PageClaim) -> WantedPage:
    """A page whose links are followed is fetched even if it did not change: nobody keeps its links."""
    if claim.place is not None and claim.place.goes_on:
        return WantedPage(claim.url)
    return WantedPage(claim.url, claim.etag, claim.last_modified)


def _links(scraping: PageScraping, claim: PageClaim, fetched: FetchedPage, path: Path) -> list[str]:
    if claim.place is None or not claim.place.goes_on:
        return []
    found = scraping.links.links(path, fetched.url)
    return pages_to_follow(found, claim.url, fetched.url, claim.place)


def _finish(scraping: PageScraping, claim: PageClaim, ready: ReadyPage) -> None:
    with during("store"):
        scraped = _complete(scraping, claim, ready)
    if scraped.completion.dropped_texts:
        remove_leftovers(Stores(scraping.making.database, scraping.making.vectors), claim.tenant_id)
    if scraped.found:
        send_pages(scraping.queue, claim.tenant_id, [due.page_id for due in scraped.found])


def _complete(scraping: PageScraping, claim: PageClaim, ready: ReadyPage) -> ScrapedPage:
    with scraping.making.database.tenant(claim.tenant_id) as work:
        scraped = work.pages.complete(claim, ready)
        if not scraped.completion.text_gone:
            work.note(DocumentProcessed("page", "completed"))
    if scraped.completion.text_gone:
        raise UnavailableError("The text was deleted meanwhile, with the last page that showed it.")
    return scraped


@contextmanager
def fetching() -> Iterator[None]:
    """Turns what can go wrong with a fetch into what the page's row will say."""
    try:
        yield
    except PageBusyError as error:
        told = ProcessingError(error.code, "fetch", error.message, retryable=True)
        raise IngestStoppedError(told, again=True, after=error.after) from error
    except PageFetchError as error:
        raise IngestStoppedError(ProcessingError(error.code, "fetch", error.message)) from error


def _record_failure(scraping: PageScraping, claim: PageClaim, stopped: IngestStoppedError) -> None:
    """To `pending`, and a new message for later; or to an end where trying again changes nothing.

    A page that had a text keeps showing it when its server is merely out of reach.
    """
    again = stopped.again and claim.attempt < MAX_ATTEMPTS
    delay = page_delay_after(claim.attempt, stopped.after)
    with scraping.making.database.tenant(claim.tenant_id) as work:
        if again:
            held = work.pages.release(claim, stopped.error, delay)
        else:
            held = work.pages.fail(claim, stopped.error, keep_text=stopped.again)
        if held:
            work.note(DocumentProcessed("page", "again" if again else "failed"))
    if again and held:
        scraping.queue.send(page_reminder(claim.tenant_id, claim.page_id), delay)
    LOG.warning(
        "Page %s, attempt %d: %s at %s%s.",
        claim.page_id,
        claim.attempt,
        stopped.error.code,
        stopped.error.stage,
        f"; again in {delay} s" if again else "",
    )
