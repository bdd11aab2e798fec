"""Every revision backwards and forwards over rows in all tables, and what the schema is at each step."""

import json
from collections import Counter
from collections.abc import Iterator, Set
from itertools import pairwise

from alembic import command
from sqlalchemy import NullPool, create_engine

from tests.database.catalogue import catalogue
from tests.database.every_table import Everything, Rows
from tests.database.test_round_trips import REVISIONS
from tests.postgres import PostgresServer, migration_config

FILLED_IN = {"2026_11_16_sound_states": {"processed_at"}}
"""What a revision writes into columns that were there: the end of processing, where it was not known."""


def go(url: str, revision: str, *, down: bool = False) -> None:
    config = migration_config()
    with create_engine(url, poolclass=NullPool).connect() as connection:
        config.attributes["connection"] = connection
        (command.downgrade if down else command.upgrade)(config, revision)


def lost(before: Rows, after: Rows, but: Set[str] = frozenset()) -> dict[str, list[str]]:
    """By table that is still there, the rows that are gone or changed in a column that is still there."""
    found = {table: [*gone(before[table], after[table], but)] for table in before if table in after}
    return {table: rows for table, rows in found.items() if rows}


def gone(before: list[dict[str, object]], after: list[dict[str, object]], but: Set[str]) -> Iterator[str]:
    if before and after:
        kept = (before[0].keys() & after[0].keys()) - but
        before, after = ([{name: row[name] for name in kept} for row in rows] for rows in (before, after))
    as_text = [Counter(json.dumps(row, sort_keys=True) for row in rows) for rows in (before, after)]
    yield from (as_text[0] - as_text[1]).elements()


def without_functions(url: str) -> set[tuple[str, str, str]]:
    """The function of the first source document stays, as it says."""
    return {one for one in catalogue(url) if one[0] != "function"}


def test_each_step_back_makes_the_schema_of_before_and_keeps_all_rows(
    server: PostgresServer, empty_url: str
) -> None:
    everything, schemas = Everything(server, empty_url), {}
    for revision in REVISIONS:
        go(empty_url, revision)
        schemas[revision] = without_functions(empty_url)
    everything.fill()
    rows = everything.rows()
    assert [table for table in rows if not rows[table]] == [], "a new table needs rows in every_table.py"

    for upper, lower in pairwise(reversed(REVISIONS)):
        go(empty_url, lower, down=True)
        found = everything.rows()
        assert lost(rows, found) == {}, f"by the way back from {upper}"
        assert without_functions(empty_url) == schemas[lower], f"after the way back from {upper}"
        rows = found

    for revision in REVISIONS[1:]:
        go(empty_url, revision)
        found = everything.rows()
        assert lost(rows, found, FILLED_IN.get(revision, set())) == {}, f"by {revision}"
        rows = found
    assert without_functions(empty_url) == schemas[REVISIONS[-1]]


def test_a_lost_value_is_found() -> None:
    before: Rows = {"t": [{"id": 1, "a": "x", "b": 1}, {"id": 2, "a": "y", "b": 2}], "u": [{"id": 1}]}

    assert lost(before, {"t": [{"id": 2, "a": "y"}, {"id": 1, "a": "x"}]}) == {}, "what a revision owns"
    assert [*lost(before, {"t": [{"id": 1, "a": "x"}, {"id": 2, "a": None}], "u": [{"id": 1}]})] == ["t"]
    assert [*lost(before, {"t": before["t"], "u": []})] == ["u"]
