"""A batch costs what its own rows cost, however large the collection: counted by the server itself."""

import uuid
from collections import Counter

from sqlalchemy import text

from census.adapters.postgres.database import PostgresDatabase
from tests.bench.large_job import TimedModel, large_job
from tests.engine.house import EngineHouse
from tests.local.rig import eventually

COLLECTION = 600
_READ = text("SELECT relname, seq_tup_read + COALESCE(idx_tup_fetch, 0) FROM pg_stat_user_tables")
_OTHERS = text("""
    SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()
""")
_NO_STEP = text("UPDATE processing_jobs SET shown_at = now() + interval '1 hour' WHERE id = :job")


def test_an_invocation_reads_the_rows_of_its_batches_and_no_others(shared_url: str) -> None:
    house, job_id, _ = large_job(shared_url, TimedModel(), COLLECTION, limits=None)
    _show_nothing_before_the_end(house, job_id)
    before = _rows_read(house, shared_url)
    messages = house.queue.receive()
    house.map(messages)
    read = _rows_read(house, shared_url) - before
    batches = len(messages)
    assert batches == 10
    assert {table: rows for table, rows in read.items() if rows > 6 * batches} == {}
    assert read["extracted_texts"] >= batches


def _show_nothing_before_the_end(house: EngineHouse, job_id: uuid.UUID) -> None:
    with house.database.tenant(house.tenant_id) as work:
        work.session.execute(_NO_STEP, {"job": job_id})


def _rows_read(house: EngineHouse, url: str) -> Counter[str]:
    """By table. A connection reports what it read when it closes."""
    house.database.engine.dispose()
    reader = PostgresDatabase(url)

    def alone() -> bool:
        with reader.monitoring() as session:
            return not session.execute(_OTHERS).scalar_one()

    assert eventually(alone)
    with reader.monitoring() as session:
        read = Counter({table: int(rows) for table, rows in session.execute(_READ)})
    reader.engine.dispose()
    return read
