"""A tenant that fetches pages: real Postgres, the real fetcher over loopback, real extractor and links."""

import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import text

from census.adapters.guarded_page_fetcher import GuardedPageFetcher
from census.adapters.hashed_embedder import HashedEmbedder
from census.adapters.pgvector_vector_index import PgvectorVectorIndex
from census.adapters.postgres.database import PostgresDatabase
from census.adapters.subprocess_link_reader import SubprocessLinkReader
from census.adapters.subprocess_text_extractor import SubprocessTextExtractor
from census.application.add_pages import PostedUrl, add_pages
from census.application.make_text import TextMaking
from census.application.scrape_page import PageScraping, scrape_message
from census.domain.crawl import Follow
from census.domain.identity import Caller
from census.domain.page_claims import page_reminder
from census.domain.plan import JsonObject
from tests.prices import free


@dataclass
class Sent:
    """A queue in memory that shows what was sent. Implements census.ports.queue.Queue."""

    messages: list[tuple[JsonObject, int]] = field(default_factory=list)

    def send(self, message: JsonObject, delay_seconds: int = 0) -> str:
        self.messages.append((message, delay_seconds))
        return f"sent-{len(self.messages)}"

    def send_many(self, messages: Sequence[JsonObject]) -> int:
        for message in messages:
            self.send(message)
        return len(messages)

    def is_empty(self) -> bool:
        return not self.messages


class PageHouse:
    """One tenant's pages, and a worker to fetch them."""

    def __init__(self, url: str, tenant_id: uuid.UUID) -> None:
        self.database = PostgresDatabase(url)
        self.caller = Caller(uuid.uuid4(), tenant_id)
        self.queue = Sent()
        self.fetcher: Any = GuardedPageFetcher(allow_private_addresses=True)
        self.extractor: Any = SubprocessTextExtractor()
        self.vectors = PgvectorVectorIndex(self.database)

    @property
    def tenant_id(self) -> uuid.UUID:
        return self.caller.tenant_id

    def scraping(self) -> PageScraping:
        making = TextMaking(self.database, self.extractor, HashedEmbedder(), self.vectors, free)
        return PageScraping(making, self.fetcher, SubprocessLinkReader(), self.queue)

    def post(self, *urls: str, follow: Follow | None = None) -> JsonObject:
        """What POST /pages does."""
        posted = [PostedUrl(f"urls.{place}", url) for place, url in enumerate(urls)]
        return add_pages(self.database, self.queue, self.caller, posted, follow)

    def add(self, url: str) -> uuid.UUID:
        """A page posted and fetched."""
        page_id = uuid.UUID(self.post(url)["items"][0]["id"])
        self.deliver(page_id)
        return page_id

    def deliver(self, page_id: uuid.UUID, message_id: str = "m1", *, seconds: float = 60.0) -> None:
        """One message to one worker that has `seconds` to live."""
        body = json.dumps(page_reminder(self.tenant_id, page_id))
        scrape_message(self.scraping(), body, message_id, lambda: seconds)

    def let_all_be_due(self) -> None:
        """As if as much time had passed as pending pages wait for."""
        self.change("claimed_until = NULL", "status = 'pending'")

    def work_off(self, rounds: int = 60) -> int:
        """Deliver everything that is sent until nothing is, not waiting for delays; how many messages."""
        delivered = 0
        for _ in range(rounds):
            waiting, self.queue.messages = self.queue.messages, []
            if not waiting:
                return delivered
            for message, _ in waiting:
                self.let_all_be_due()
                self.deliver(uuid.UUID(message["page_id"]), f"sent-{delivered}")
                delivered += 1
        raise AssertionError("the queue is never empty")

    def rows(self) -> dict[str, dict[str, Any]]:
        """All rows by URL; errors as parsed JSON."""
        with self.database.tenant(self.tenant_id) as work:
            found = work.session.execute(text("SELECT * FROM scraped_contents")).mappings().all()
        rows = {row["url"]: dict(row) for row in found}
        assert len(rows) == len(found), "a URL has two rows"
        for row in rows.values():
            row["error"] = json.loads(row["processing_error"]) if row["processing_error"] else None
        return rows

    def row(self, page_id: uuid.UUID) -> dict[str, Any]:
        return next(row for row in self.rows().values() if row["id"] == page_id)

    def change(self, assignments: str, where: str = "true") -> None:
        """Set columns, as time or another worker would."""
        with self.database.tenant(self.tenant_id) as work:
            work.session.execute(text(f"UPDATE scraped_contents SET {assignments} WHERE {where}"))

    def count(self, table: str) -> int:
        with self.database.tenant(self.tenant_id) as work:
            return int(work.session.execute(text(f"SELECT count(*) FROM {table}")).scalar_one())

    def find(self, words: str) -> list[str]:
        """Names of the sources that a reader finds these words in."""
        with self.database.tenant(self.tenant_id) as work:
            near = work.texts.search(words, 10)
            return [one.source_name for one in work.texts.passages([one.passage for one in near])]
