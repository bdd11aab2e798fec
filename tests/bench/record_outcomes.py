"""Batch outcomes recorded a second, ten a transaction, by the store's own statements, fsync on."""

import multiprocessing
import time
import uuid
from decimal import Decimal
from typing import Any

from sqlalchemy import text

from census.adapters.postgres.database import PostgresDatabase
from census.domain.jobs import BatchOutcome
from census.ports.job_store import BatchKey, BatchRecord, Spending
from infra.local.postgres import DATABASE
from tests.database.rows import TENANT, add_asked
from tests.database.servers import running

JOBS = 4
BATCHES = 5_000
TOGETHER = 10
WANTED = 10_000

_MAKE = text("""
    INSERT INTO job_batches (job_id, ordinal, windows, atoms, first_item, last_item, tokens)
    SELECT :job, n, jsonb_build_array(jsonb_build_array(n, 0)), '{a}', n, n, 100
    FROM generate_series(1, :batches) AS n
""")
_ITEMS = text("""
    INSERT INTO job_items (job_id, ordinal, source_kind, source_id, source_name, lead)
    SELECT :job, n, 'file', gen_random_uuid(), 'f', n FROM generate_series(1, :batches) AS n
""")
_BEGIN = text("""
    UPDATE processing_jobs SET status = 'processing', current_phase = 'mapping', total_items = :batches,
        total_batches = :batches, remaining = :batches WHERE id = :job
""")


def run() -> list[str]:
    """Four workers, each on a job of its own; one outcome in ten comes twice."""
    with running(18, durable=True) as server:
        url = server.url(DATABASE)
        jobs = _make_jobs(url)
        ready, found = multiprocessing.Barrier(JOBS + 1), multiprocessing.Queue()  # type: ignore[var-annotated]
        workers = [multiprocessing.Process(target=_record, args=(url, job, ready, found)) for job in jobs]
        for worker in workers:
            worker.start()
        ready.wait(30)
        begun = time.monotonic()
        completers = [found.get(timeout=120) for _ in workers]
        seconds = time.monotonic() - begun
        for worker in workers:
            worker.join(10)
    rate = JOBS * BATCHES / seconds
    print(f"   {rate:,.0f} outcomes a second ({JOBS} jobs, {TOGETHER} a transaction, fsync on)")
    missed = [f"{rate:,.0f} outcomes a second, fewer than {WANTED:,}"] if rate < WANTED else []
    return missed + [f"{n} recorders completed one job" for n in completers if n != 1]


def _make_jobs(url: str) -> list[uuid.UUID]:
    database = PostgresDatabase(url)
    jobs = []
    for _ in range(JOBS):
        job = add_asked(database).job
        with database.tenant(TENANT) as work:
            for statement in (_MAKE, _ITEMS, _BEGIN):
                work.session.execute(statement, {"job": job, "batches": BATCHES})
        jobs.append(job)
    with database.engine.connect() as connection:
        connection.execute(text("ANALYZE job_batches, job_items, processing_jobs"))
        connection.commit()
    database.engine.dispose()
    return jobs


def _record(url: str, job: uuid.UUID, ready: Any, found: Any) -> None:
    database, completed = PostgresDatabase(url), 0
    with database.tenant(TENANT) as work:
        work.jobs.get(job)
    ready.wait(30)
    for first in range(1, BATCHES + 1, TOGETHER):
        again = [first - 1] if first > 1 else []
        records = [
            BatchRecord(BatchKey(job, ordinal), BatchOutcome.DONE)
            for ordinal in [*again, *range(first, first + TOGETHER)]
        ]
        with database.tenant(TENANT) as work:
            done = work.batches.record(records, {job: Spending(TOGETHER, 100, 10, Decimal("0.001"))})
        completed += sum(one.completer for one in done)
    found.put(completed)
    database.engine.dispose()
