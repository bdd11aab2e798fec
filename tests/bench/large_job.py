"""A job of many batches, made in bulk, and workers that read it from a queue in memory."""

import threading
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from random import Random

from sqlalchemy import event, text

from census.adapters.postgres.database import PostgresDatabase
from census.adapters.postgres.work import PostgresTenantWork
from census.application.map_batch import batch_message, map_batch
from census.ports.call_leases import CallLimits
from census.ports.language_model import (
    LanguageModel,
    ReadAtom,
    ReadReply,
    ReadRequest,
    ReadStatus,
    Usage,
)
from tests.engine.house import EngineHouse
from tests.engine.plans import count
from tests.fakes.scripted_model import ScriptedLanguageModel

INVOCATION_SECONDS = 60
ANALYZED = ("extracted_texts", "knowledge_files")
"""What documents are in was analysed while they came; what the job writes is new to the planner."""
_TEXTS = text("""
    INSERT INTO extracted_texts (source_hash, content_hash, media_type, text, tokens, passages, windows)
    SELECT repeat(md5(n::text), 2), repeat(md5(n::text), 2), 'text/plain', words, 5900, 0,
           jsonb_build_array(jsonb_build_array(0, 0, length(words), 5900, ''))
    FROM (SELECT n, 'Number ' || n || ' may be audited.' AS words
          FROM generate_series(1, :documents) AS n) numbered
""")
_FILES = text("""
    INSERT INTO knowledge_files (user_id, filename, status, text_id, received_at)
    SELECT :user, substr(text, 1, 20), 'completed', id, now() FROM extracted_texts
""")


@dataclass
class TimedModel(ScriptedLanguageModel):
    """Answers `no_match` after a lognormal time of this median; knows when it was called."""

    name: str = field(default_factory=lambda: uuid.uuid4().hex)
    median_seconds: float = 0.0
    sigma: float = 0.35
    spans: list[tuple[float, float]] = field(default_factory=list)

    def read_windows(self, request: ReadRequest) -> ReadReply:
        """One verdict for each atom of each window."""
        began, words = time.monotonic(), request.windows[0].text
        if self.median_seconds:
            time.sleep(self.median_seconds * Random(words).lognormvariate(0, self.sigma))
        verdicts = {atom.name: ReadAtom(ReadStatus.NO_MATCH) for atom in request.atoms}
        self.spans.append((began, time.monotonic()))
        return ReadReply({w.id: verdicts for w in request.windows}, Usage(1, 100, 10), self.name)


@dataclass
class Workers:
    """What a run did: seconds from first message to last, statements and invocations."""

    seconds: float = 0.0
    statements: int = 0
    invocations: int = 0


def large_job(
    url: str, model: LanguageModel, documents: int, limits: CallLimits | None
) -> tuple[EngineHouse, uuid.UUID, str]:
    """A dispatched job with a batch for each document, and its token."""
    house = EngineHouse(PostgresDatabase(url), model, limits=limits)
    with house.database.tenant(house.tenant_id) as work:
        work.conversations.ensure_profile(house.caller.user_id)
        add_documents(work, house.caller.user_id, documents)
    _analyze(house)
    job_id = house.ask(count("audit"))
    house.plan(job_id)
    return house, job_id, house.dispatch(job_id)


def _analyze(house: EngineHouse) -> None:
    """Do at once what the server does of itself about a minute after documents came."""
    with house.database.engine.begin() as connection:
        for table in ANALYZED:
            connection.exec_driver_sql(f"ANALYZE {table}")


def add_documents(work: PostgresTenantWork, user_id: uuid.UUID, documents: int) -> None:
    """So many documents that mention an audit, each a batch of its own; the tenant has no others."""
    work.session.execute(_TEXTS, {"documents": documents})
    work.session.execute(_FILES, {"user": user_id})


def work_off(house: EngineHouse, url: str, job_id: uuid.UUID, invocations: int) -> Workers:
    """So many invocations at once, each with a connection of its own, until nothing remains."""
    done, lock, broken = Workers(), threading.Lock(), threading.Event()

    def note(*_: object) -> None:
        with lock:
            done.statements += 1

    began = time.monotonic()

    def work() -> None:
        database = PostgresDatabase(url)
        event.listen(database.engine, "before_cursor_execute", note)
        tools = replace(house.map_tools(), database=database)
        while not broken.is_set() and ((taken := house.queue.receive()) or house.job(job_id).remaining):
            with lock:
                done.invocations += bool(taken)
            try:
                map_batch(tools, [batch_message(message) for message in taken], INVOCATION_SECONDS)
            except BaseException:
                broken.set()  # its messages are gone: nobody should wait for what was in them
                raise
            if not taken:
                time.sleep(0.2)
                house.queue.now = time.monotonic() - began  # what went back comes again when it is due
        database.engine.dispose()

    with ThreadPoolExecutor(invocations) as pool:
        for running in [pool.submit(work) for _ in range(invocations)]:
            running.result()
    done.seconds = time.monotonic() - began
    return done
