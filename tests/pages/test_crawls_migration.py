"""The revision that made a URL one row of its tenant, over rows that were there before."""

import uuid
from collections.abc import Iterator

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, create_engine, make_url, text

from census.adapters.postgres.models import Base, belongs_to_the_models
from census.domain.identity import sha256
from tests.postgres import PostgresServer, migrate, migration_config

BEFORE = "2026_11_14_passage_vectors"
USER, OTHER = uuid.uuid4(), uuid.uuid4()


@pytest.fixture
def old(postgres: PostgresServer) -> Iterator[str]:
    """A database as it was before, with the same URL twice in one tenant and once in another."""
    url = postgres.empty()
    migrate(url, BEFORE)
    name = str(make_url(url).database)
    for user in (USER, OTHER):
        postgres.run(f"INSERT INTO profiles (user_id, tenant_id) VALUES ('{user}', '{user}')", name)
    for user, address, age in (
        (USER, "http://a.example/", 2),
        (USER, "http://a.example/", 1),
        (OTHER, "http://a.example/", 3),
    ):
        postgres.run(
            "INSERT INTO scraped_contents (user_id, tenant_id, url, status, created_at) VALUES "
            f"('{user}', '{user}', '{address}', 'completed', now() - interval '{age} days')",
            name,
        )
    yield url
    postgres.drop(url)


def keys(engine: Engine) -> list[tuple[uuid.UUID, str | None]]:
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE scraped_contents NO FORCE ROW LEVEL SECURITY"))
        rows = connection.execute(text("SELECT tenant_id, url_key FROM scraped_contents ORDER BY created_at"))
        found = [(row.tenant_id, row.url_key) for row in rows]
        connection.execute(text("ALTER TABLE scraped_contents FORCE ROW LEVEL SECURITY"))
    return found


def test_of_two_rows_with_one_url_the_newer_becomes_the_page(old: str) -> None:
    migrate(old)
    engine = create_engine(old)

    key = sha256("http://a.example/")
    assert keys(engine) == [(OTHER, key), (USER, None), (USER, key)]
    engine.dispose()


def test_the_way_back_leaves_what_was_there_before(old: str) -> None:
    migrate(old)
    engine = create_engine(old)
    config = migration_config()
    with engine.connect() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, BEFORE)
        connection.commit()
        columns = connection.execute(
            text("SELECT column_name FROM information_schema.columns WHERE table_name = 'scraped_contents'")
        )
        names = set(columns.scalars())
        gone = connection.execute(text("SELECT to_regclass('crawls')")).scalar_one()
    engine.dispose()

    assert names.isdisjoint({"url_key", "crawl_id", "depth", "etag", "last_modified"})
    assert gone is None


def test_the_models_are_what_the_migrations_make(database_url: str) -> None:
    engine = create_engine(database_url)
    with engine.connect() as connection:
        options = {"include_object": belongs_to_the_models, "compare_server_default": False}
        differences = compare_metadata(MigrationContext.configure(connection, opts=options), Base.metadata)
    engine.dispose()

    ours = [one for one in differences if "scraped_contents" in str(one) or "crawls" in str(one)]
    assert ours == []
