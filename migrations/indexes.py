"""Indexes on tables that may be large: built concurrently, outside of any transaction.

The files of `migrations/sql` say which indexes there are; those a file makes on a table of its own are built
with it. A build that was cut short leaves an invalid index or none: `build` finds either and ends the work.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, text

SQL_FOLDER = Path(__file__).parent / "sql"
BYTES_A_SECOND = 20_000_000
"""Table bytes that an index build or an update gets through in a second, cautiously (small servers)."""

_INDEX = re.compile(r"^CREATE (UNIQUE )?INDEX (\w+)\s+ON (\w+)([^;]*);\n", re.MULTILINE)
_TABLE = re.compile(r"^CREATE TABLE (\w+)", re.MULTILINE)
_DROPPED = re.compile(r"^DROP INDEX (?:IF EXISTS )?([\w, ]+);", re.MULTILINE)
_REWORKED = re.compile(r"^UPDATE (\w+)|^ALTER TABLE (\w+) ADD CONSTRAINT \w+ UNIQUE", re.MULTILINE)

_BROKEN = text("""
    SELECT c.relname FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
    WHERE c.relnamespace = current_schema()::regnamespace AND NOT i.indisvalid AND c.relkind = 'i'
        AND c.relname NOT LIKE 'near\\_%'  -- of one tenant: census.adapters.postgres.large_tenants
    ORDER BY c.relname
""")
_SIZE = text("SELECT COALESCE(pg_total_relation_size(to_regclass(:table)), 0)")
_EXISTS = text("SELECT to_regclass(:name) IS NOT NULL")


@dataclass(frozen=True)
class IndexStatement:
    """A CREATE INDEX of a file: `definition` is what follows the table's name."""

    name: str
    table: str
    unique: bool
    definition: str

    @property
    def concurrently(self) -> str:
        """The statement that keeps nobody from writing; it cannot run in a transaction."""
        return f"CREATE {self._kind} CONCURRENTLY IF NOT EXISTS {self.name} ON {self.table}{self.definition}"

    @property
    def plain(self) -> str:
        """The statement for a transaction that is open already."""
        return f"CREATE {self._kind} IF NOT EXISTS {self.name} ON {self.table}{self.definition}"

    @property
    def _kind(self) -> str:
        return "UNIQUE INDEX" if self.unique else "INDEX"


def split_indexes(script: str) -> tuple[str, list[IndexStatement]]:
    """The script without its indexes on tables it does not make, and those indexes."""
    own = set(_TABLE.findall(script))
    apart: list[IndexStatement] = []

    def take(match: re.Match[str]) -> str:
        unique, name, table, definition = match.groups()
        if table in own:
            return match[0]
        apart.append(IndexStatement(name, table, bool(unique), definition))
        return ""

    return _INDEX.sub(take, script), apart


def wanted(revisions: Sequence[str]) -> list[IndexStatement]:
    """The indexes built apart that a database at the last of `revisions`, given oldest first, has."""
    found: dict[str, IndexStatement] = {}
    for revision in revisions:
        script = (SQL_FOLDER / f"{revision}.up.sql").read_text()
        for names in _DROPPED.findall(script):
            for name in names.split(","):
                found.pop(name.strip(), None)
        found.update({index.name: index for index in split_indexes(script)[1]})
    return list(found.values())


def build(connection: Connection, revisions: Sequence[str]) -> list[str]:
    """Build what is missing and rebuild what is invalid; the names of these indexes.

    Within a transaction the plain form is used, for there is no other; it locks the table against writes.
    """
    ours = not connection.in_transaction()
    missing = [i for i in wanted(revisions) if not connection.scalar(_EXISTS, {"name": i.name})]
    broken = list(connection.scalars(_BROKEN))
    if not ours:
        for index in missing:
            connection.exec_driver_sql(index.plain)
        return [index.name for index in missing]
    connection.rollback()
    autocommit = connection.execution_options(isolation_level="AUTOCOMMIT")
    try:
        for statement in [*map(_repair, broken), *(index.concurrently for index in missing)]:
            autocommit.exec_driver_sql(statement)
    finally:
        connection.rollback()
        connection.execution_options(isolation_level="READ COMMITTED")
    return [*broken, *(index.name for index in missing)]


def _repair(name: str) -> str:
    """A rebuild that died leaves its half under a name of its own; the index itself is still there."""
    leftover = re.search(r"_cc(new|old)\d*$", name)
    return f'DROP INDEX CONCURRENTLY "{name}"' if leftover else f'REINDEX INDEX CONCURRENTLY "{name}"'


def seconds_to_build(connection: Connection, pending: Iterable[str], missing: Sequence[str] = ()) -> float:
    """About how long the index builds and updates of these revisions take on the tables as they are."""
    tables = list(missing)
    for revision in pending:
        script = (SQL_FOLDER / f"{revision}.up.sql").read_text()
        tables += [index.table for index in split_indexes(script)[1]]
        tables += [updated or constrained for updated, constrained in _REWORKED.findall(script)]
    sizes = {table: int(connection.scalar(_SIZE, {"table": table}) or 0) for table in set(tables)}
    return sum(sizes[table] for table in tables) / BYTES_A_SECOND
