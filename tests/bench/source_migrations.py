"""Both source migrations on 1,000,000 messages and 1,000,000 files, under a running load."""

import multiprocessing
import random
import time
from dataclasses import dataclass, field
from multiprocessing.synchronize import Event
from typing import Any

from alembic import command
from sqlalchemy import Connection, NullPool, create_engine, text

from census.adapters.postgres.migrator import migrate
from tests.database.servers import running
from tests.postgres import PostgresServer, migration_config

ROWS = 1_000_000
WORKERS = 4
LONGEST_WAIT_SECONDS = 1.0

_FILL = (
    "INSERT INTO profiles SELECT gen_random_uuid() FROM generate_series(1, 1000)",
    "INSERT INTO conversations (user_id) SELECT user_id FROM profiles",
    f"""INSERT INTO messages (conversation_id, role, content)
        SELECT id, 'user', repeat('word ', 20) FROM conversations, generate_series(1, {ROWS // 1000})""",
    f"""INSERT INTO knowledge_files (user_id, filename)
        SELECT user_id, 'contract-' || n || '.pdf' FROM profiles, generate_series(1, {ROWS // 1000}) AS n""",
)
_LOAD = (
    "SELECT content FROM messages WHERE id = (SELECT id FROM messages OFFSET :n LIMIT 1)",
    "INSERT INTO messages (conversation_id, role) SELECT id, 'user' FROM conversations OFFSET :n LIMIT 1",
    "UPDATE knowledge_files SET updated_at = now() WHERE id = (SELECT id FROM "
    "knowledge_files LIMIT 1 OFFSET :n)",
    "INSERT INTO knowledge_files (user_id, filename) SELECT user_id, 'new' FROM profiles OFFSET :n LIMIT 1",
    "DELETE FROM knowledge_files WHERE id = (SELECT id FROM knowledge_files OFFSET :n LIMIT 1)",
)


@dataclass
class Load:
    """What the workers saw: seconds a statement, and errors."""

    seconds: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)


def run() -> list[str]:
    """Fill, load, migrate; what fell short."""
    with running(18, durable=True) as server:
        url = server.empty()
        _fill(url)
        load, migrated = _under_load(server, url)
    slowest = max(load.seconds)
    print(f"   {ROWS:,} rows each; migrated in {migrated:.1f} s under {len(load.seconds):,} statements")
    print(f"   failed statements {len(load.errors)}; slowest statement {slowest * 1000:.0f} ms")
    missed = [f"a statement failed: {load.errors[0]}"] if load.errors else []
    if slowest > LONGEST_WAIT_SECONDS:
        missed.append(f"a statement took {slowest:.2f} s, more than {LONGEST_WAIT_SECONDS} s")
    return missed


def _fill(url: str) -> None:
    config = migration_config()
    engine = create_engine(url, poolclass=NullPool)
    with engine.connect() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "2026_11_01_baseline")
        for statement in _FILL:
            connection.execute(text(statement))
        connection.commit()


def _under_load(server: PostgresServer, url: str) -> tuple[Load, float]:
    del server
    stop, found = multiprocessing.Event(), multiprocessing.Queue()  # type: ignore[var-annotated]
    workers = [multiprocessing.Process(target=_work, args=(url, n, stop, found)) for n in range(WORKERS)]
    for worker in workers:
        worker.start()
    time.sleep(2)
    begun = time.monotonic()
    _migrate_sources(url)
    migrated = time.monotonic() - begun
    time.sleep(2)
    stop.set()
    load = Load()
    for _ in workers:
        seconds, errors = found.get(timeout=60)
        load.seconds += seconds
        load.errors += errors
    for worker in workers:
        worker.join(10)
    return load, migrated


def _migrate_sources(url: str) -> None:
    """As the migrator does, but only as far as the source migrations go."""
    migrate(url, vector_store="any", target="2026_11_03_status_fields")


def _work(url: str, seed: int, stop: Event, found: Any) -> None:
    chance = random.Random(seed)
    load = Load()
    engine = create_engine(url, poolclass=NullPool)
    with engine.connect() as connection:
        while not stop.is_set():
            _one(connection, chance, load)
    found.put((load.seconds, load.errors))


def _one(connection: Connection, chance: random.Random, load: Load) -> None:
    begun = time.monotonic()
    try:
        connection.execute(text(chance.choice(_LOAD)), {"n": chance.randrange(1, 900)})
        connection.commit()
    except Exception as error:  # noqa: BLE001  # whatever it is, it is counted
        connection.rollback()
        load.errors.append(str(error))
    load.seconds.append(time.monotonic() - begun)
