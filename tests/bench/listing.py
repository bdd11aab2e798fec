"""GET /files of a tenant with a million files: any page, all or by status, by the index and at once."""

import re
import statistics
import time
import uuid
from typing import Any

from sqlalchemy import event, text

from census.adapters.postgres.database import PostgresDatabase
from census.application.list_files import list_files
from census.domain.cursor import Cursor, PageRequest

ROWS = 1_000_000
TENANT = uuid.UUID(int=0x11575)
PAGE = 50
WANTED_SECONDS = 0.1

_FILL = text("""
    INSERT INTO knowledge_files (user_id, filename, status, processed_at, received_at, uploaded_at)
    SELECT :user, 'file ' || n, CASE WHEN mod(n, 500) = 0 THEN 'failed' ELSE 'completed' END, now(), now(),
           now() - n * interval '1 second'
    FROM generate_series(1, :rows) AS n
""")


def run(url: str) -> list[str]:
    """Print times and plans; what fell short."""
    database = PostgresDatabase(url, statement_seconds=600)
    with database.tenant(TENANT) as work:
        work.session.execute(text("INSERT INTO profiles (user_id) VALUES (:user)"), {"user": TENANT})
        work.session.execute(_FILL, {"user": TENANT, "rows": ROWS})
    with database.engine.connect() as connection:
        connection.execute(text("ANALYZE knowledge_files"))
        connection.commit()
    middle = _cursor_in_the_middle(database)
    pages = {
        "first page": (None, PageRequest(PAGE, None)),
        "a page in the middle": (None, PageRequest(PAGE, middle)),
        "failed ones": ("failed", PageRequest(PAGE, None)),
        "failed ones in the middle": ("failed", PageRequest(PAGE, middle)),
    }
    missed = [line for name, (status, page) in pages.items() for line in _list(database, name, status, page)]
    database.engine.dispose()
    return missed


def _cursor_in_the_middle(database: PostgresDatabase) -> Cursor:
    found = text("SELECT uploaded_at, id FROM knowledge_files WHERE filename = :name")
    with database.tenant(TENANT) as work:
        row = work.session.execute(found, {"name": f"file {ROWS // 2}"}).one()
    return Cursor(row.uploaded_at, row.id)


def _list(database: PostgresDatabase, name: str, status: str | None, page: PageRequest) -> list[str]:
    statements: list[tuple[str, Any]] = []

    def note(_c: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        statements.append((statement, parameters))

    seconds = []
    for _ in range(5):
        begun = time.monotonic()
        with database.tenant(TENANT) as work:
            event.listen(database.engine, "before_cursor_execute", note)
            found = list_files(work, status, page)
            event.remove(database.engine, "before_cursor_execute", note)
        seconds.append(time.monotonic() - begun)
        assert len(found["items"]) == page.limit
    plan = _plan(database, *statements[0])
    typical, by_index = statistics.median(seconds), "Index Scan" in plan and "Sort" not in plan
    print(f"   {name}: {typical * 1000:.0f} ms, {len(statements) // 5} statement, {_indexes(plan)}")
    slow = [f"{name} took {typical * 1000:.0f} ms"] if typical > WANTED_SECONDS else []
    return slow + ([] if by_index else [f"{name} is not listed by an index:\n{plan}"])


def _plan(database: PostgresDatabase, statement: str, parameters: Any) -> str:
    with database.tenant(TENANT) as work:
        connection = work.session.connection()
        return "\n".join(connection.exec_driver_sql(f"EXPLAIN {statement}", parameters).scalars())


def _indexes(plan: str) -> str:
    return ", ".join(dict.fromkeys(re.findall(r"using (\w+) on knowledge_files", plan))) or "no index"
