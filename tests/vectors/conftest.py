"""Two tenants' texts in one database, with as many passages as a test asks for."""

import uuid
from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import text

from census.adapters.postgres.database import PostgresDatabase

AddText = Callable[[uuid.UUID, int], uuid.UUID]


@pytest.fixture
def database(database_url: str) -> Iterator[PostgresDatabase]:
    made = PostgresDatabase(database_url)
    yield made
    made.engine.dispose()


@pytest.fixture
def add_text(database: PostgresDatabase) -> AddText:
    """Makes a text for a tenant; vectors refer to it."""

    def add(tenant_id: uuid.UUID, number: int = 0) -> uuid.UUID:
        insert = text(
            "INSERT INTO extracted_texts"
            " (source_hash, content_hash, media_type, text, tokens, passages, windows)"
            " VALUES (:hash, :hash, 'text/plain', 'x', 1, 1, '[]') RETURNING id"
        )
        with database.tenant(tenant_id) as work:
            made = work.session.execute(insert, {"hash": f"{number:064d}"}).scalar_one()
        return uuid.UUID(str(made))

    return add
