"""Two tenants take random steps through the repositories as census_app, with each other's ids, too.

No row of the other may be seen, changed or referenced.
"""

import random
import uuid
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from sqlalchemy import text

from census.adapters.postgres.database import PostgresDatabase
from census.adapters.postgres.outages import translated_outages
from census.adapters.postgres.work import PostgresTenantWork
from census.domain.batches import Batch
from census.domain.cursor import PageRequest
from census.domain.errors import CensusError
from census.domain.extracted_text import ExtractedText
from census.domain.jobs import BatchOutcome
from census.domain.passages import Passage
from census.domain.plan import Filters
from census.ports.file_store import NewFile
from census.ports.job_store import BatchKey, BatchRecord, JobToOpen, Spending
from census.ports.text_store import NewText
from census.ports.vector_index import PassageId
from infra.local.postgres import DATABASE
from tests.database.servers import running

STEPS = 10_000
CHECK_EVERY = 50
TABLES = (
    "profiles", "conversations", "messages", "processing_jobs", "knowledge_files", "scraped_contents",
    "extracted_texts", "passages", "job_items", "job_batches", "map_results", "idempotency_keys",
)  # fmt: skip


@dataclass
class Tenant:
    """A tenant, and every id it was given."""

    id: uuid.UUID
    user: uuid.UUID = field(default_factory=uuid.uuid4)
    conversations: list[uuid.UUID] = field(default_factory=list)
    messages: list[uuid.UUID] = field(default_factory=list)
    jobs: list[uuid.UUID] = field(default_factory=list)
    files: list[uuid.UUID] = field(default_factory=list)
    texts: list[uuid.UUID] = field(default_factory=list)


class Walk:
    """The steps. `me` acts; an id may be mine or the other's, or nobody's."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.tenants = [Tenant(uuid.UUID(int=0xA)), Tenant(uuid.UUID(int=0xB))]
        self.done: Counter[str] = Counter()
        self.steps: dict[str, Callable[[PostgresTenantWork, Tenant, Tenant], None]] = {
            name.removeprefix("_step_"): getattr(self, name)
            for name in dir(self)
            if name.startswith("_step_")
        }

    def step(self, database: PostgresDatabase, me: Tenant) -> None:
        """One random step; what the database or the store refuses is a step, too."""
        other = next(tenant for tenant in self.tenants if tenant is not me)
        name = self.chance.choice([*self.steps])
        try:
            with translated_outages(), database.tenant(me.id) as work:
                self.steps[name](work, me, other)
            self.done[name] += 1
        except CensusError:
            self.done["refused"] += 1
        except Exception as error:
            if "violates" not in str(error):
                raise
            self.done["refused"] += 1

    def any(self, kind: str, me: Tenant, other: Tenant) -> uuid.UUID:
        """Mine mostly, the other's one time in three, nobody's where there is none."""
        ids = getattr(self.chance.choice([me, me, other]), kind)
        return self.chance.choice(ids) if ids else uuid.uuid4()

    def _step_converse(self, work: PostgresTenantWork, me: Tenant, other: Tenant) -> None:
        work.conversations.ensure_profile(me.user)
        me.conversations.append(work.conversations.add(me.user, "t").id)

    def _step_ask(self, work: PostgresTenantWork, me: Tenant, other: Tenant) -> None:
        me.messages.append(work.conversations.add_question(self.any("conversations", me, other), "q").id)

    def _step_read_messages(self, work: PostgresTenantWork, me: Tenant, other: Tenant) -> None:
        found = work.conversations.messages(self.any("conversations", me, other), PageRequest())
        assert {one.id for one in found} <= set(me.messages), "saw another tenant's messages"

    def _step_list(self, work: PostgresTenantWork, me: Tenant, other: Tenant) -> None:
        user = self.chance.choice([me, other]).user
        assert {one.id for one in work.conversations.page(user, PageRequest())} <= set(me.conversations)
        assert {one.id for one in work.files.page(None, PageRequest())} <= set(me.files)
        assert {one.id for one in work.jobs.page(user, None, 50, None)} <= set(me.jobs)

    def _step_delete_conversation(self, work: PostgresTenantWork, me: Tenant, other: Tenant) -> None:
        if self.chance.random() < 0.2:
            user = self.chance.choice([me, other]).user
            work.conversations.delete(user, self.any("conversations", me, other))

    def _step_open_job(self, work: PostgresTenantWork, me: Tenant, other: Tenant) -> None:
        conversation, message = self.any("conversations", me, other), self.any("messages", me, other)
        new = JobToOpen(me.user, conversation, message, "q", {"kind": "count"}, {}, deadline_seconds=60)
        me.jobs.append(work.jobs.open(new))

    def _step_work_on_job(self, work: PostgresTenantWork, me: Tenant, other: Tenant) -> None:
        job = self.any("jobs", me, other)
        work.items.pin(job, Filters())
        work.batches.add(job, [Batch(1, ((1, 0),), ("a",), 5), Batch(2, ((2, 0),), ("a",), 5)])
        open_ = {"status": "processing", "completed_at": None}
        work.jobs.change(job, total_batches=2, remaining=2, processed_batches=0, failed_batches=0, **open_)
        claimed = work.batches.claim([BatchKey(job, 1)], 60).batches
        assert {one.key.job_id for one in claimed} <= set(me.jobs)

    def _step_record(self, work: PostgresTenantWork, me: Tenant, other: Tenant) -> None:
        job = self.any("jobs", me, other)
        done = work.batches.record([BatchRecord(BatchKey(job, 1), BatchOutcome.DONE)], {job: Spending(1)})
        assert {one.job_id for one in done} <= set(me.jobs), "recorded for another tenant"

    def _step_token(self, work: PostgresTenantWork, me: Tenant, other: Tenant) -> None:
        job = self.any("jobs", me, other)
        assert work.jobs.store_token(job, 1, "token") is None or job in me.jobs

    def _step_upload(self, work: PostgresTenantWork, me: Tenant, other: Tenant) -> None:
        work.conversations.ensure_profile(me.user)
        replaced = self.any("files", me, other) if self.chance.random() < 0.5 else None
        new = NewFile(uuid.uuid4(), me.user, "f.txt", "text/plain", 1, replaced, (), "key", 900)
        me.files.append(work.files.add(new).id)

    def _step_file(self, work: PostgresTenantWork, me: Tenant, other: Tenant) -> None:
        file = self.any("files", me, other)
        assert work.files.get(file).id in me.files
        work.ingest.lock(file)
        work.files.reopen(file)

    def _step_delete_file(self, work: PostgresTenantWork, me: Tenant, other: Tenant) -> None:
        work.files.delete(self.any("files", me, other))

    def _step_save_text(self, work: PostgresTenantWork, me: Tenant, other: Tenant) -> None:
        words = f"contract {self.chance.randrange(40)}"
        extracted = ExtractedText(words, None, (), (), "text/plain")
        passage = Passage(0, 0, len(words), words, 2, None, ())
        saved = work.texts.save(NewText(f"{self.chance.randrange(40):064d}", extracted, 2, (), [passage]))
        me.texts.append(saved.text_id)
        file = self.any("files", me, other)
        change = "UPDATE knowledge_files SET text_id = :text, status = 'completed' WHERE id = :file"
        work.session.execute(text(change), {"text": self.any("texts", me, other), "file": file})

    def _step_search(self, work: PostgresTenantWork, me: Tenant, other: Tenant) -> None:
        found = work.texts.search("contract", 20)
        wanted = [one.passage for one in found] + [PassageId(self.any("texts", me, other), 0)]
        assert {one.passage.text_id for one in work.texts.passages(wanted)} <= set(me.texts)


def walk(url: str, steps: int, seed: int) -> Counter[str]:
    """Take `steps` steps; after each stretch of one tenant, the other's rows are what they were."""
    database, taken = PostgresDatabase(url), Walk(seed)
    try:
        for first in range(0, steps, CHECK_EVERY):
            me, idle = taken.chance.sample(taken.tenants, 2)
            before = _fingerprint(database, idle)
            for _ in range(min(CHECK_EVERY, steps - first)):
                taken.step(database, me)
            assert _fingerprint(database, idle) == before, f"rows of the other changed before step {first}"
    finally:
        database.engine.dispose()
    return taken.done


def _fingerprint(database: PostgresDatabase, tenant: Tenant) -> list[tuple[int, str]]:
    with database.tenant(tenant.id) as work:
        rows = [
            work.session.execute(
                text(
                    "SELECT count(*), md5(COALESCE(string_agg(t::text, '|' ORDER BY t::text), ''))"
                    f" FROM {table} t"
                )
            ).one()
            for table in TABLES
        ]
    return [(row[0], row[1]) for row in rows]


def run() -> str:
    """Ten thousand steps; how many of which."""
    with running(18) as server:
        done = walk(server.url(DATABASE), STEPS, seed=random.randrange(1_000_000))
    return f"{sum(done.values()):,} steps: " + ", ".join(
        f"{count} {name}" for name, count in sorted(done.items())
    )
