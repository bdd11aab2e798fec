"""A tenant that goes leaves nothing but its bill; the others do not notice."""

import uuid
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from sqlalchemy import text

from census.adapters.pgvector_vector_index import PgvectorVectorIndex
from census.adapters.postgres.database import PostgresDatabase
from census.domain.identity import UPLOAD_PREFIX, caller_from_claims
from infra.operations.__main__ import main
from infra.operations.delete_tenant import (
    AFTER_TEXTS,
    EXPORTS,
    KEPT,
    TABLES,
    TenantBusyError,
    TenantStores,
    delete_tenant,
)
from tests.engine.house import EngineHouse
from tests.engine.plans import count
from tests.ingest.house import BUCKET

TABLES_OF_TENANTS = """
    SELECT c.table_name FROM information_schema.columns c
    JOIN pg_class t ON t.relname = c.table_name AND t.relkind IN ('r', 'p') AND NOT t.relispartition
    WHERE c.table_schema = 'public' AND c.column_name = 'tenant_id'
"""
ALL_TABLES_OF_TENANTS = """
    SELECT t.relname FROM pg_class t JOIN pg_attribute a ON a.attrelid = t.oid AND a.attname = 'tenant_id'
    WHERE t.relkind IN ('r', 'p') AND NOT t.relispartition
"""


@pytest.fixture
def database(cloud: str, database_url: str) -> Iterator[PostgresDatabase]:
    database = PostgresDatabase(database_url)
    yield database
    database.engine.dispose()


@pytest.fixture
def s3(cloud: str) -> Any:
    return boto3.client("s3")


@pytest.fixture
def stores(database: PostgresDatabase, s3: Any) -> TenantStores:
    return TenantStores(database, PgvectorVectorIndex(database), s3, BUCKET)


def settled(database: PostgresDatabase, s3: Any) -> EngineHouse:
    """A tenant with documents, an answered question, a remembered request and objects in two versions."""
    house = EngineHouse(database)
    for number in range(3):
        file_id = house.add(f"{number}", f"Paper {number} of {house.tenant_id}: we may audit you.")
        for body in (b"first", b"second"):
            s3.put_object(Bucket=BUCKET, Key=f"{UPLOAD_PREFIX}/{house.tenant_id}/{file_id}", Body=body)
    s3.put_object(Bucket=BUCKET, Key=f"{EXPORTS}/{house.tenant_id}/rows.csv", Body=b"x")
    house.answer(count("audit"))
    house.run(
        "INSERT INTO idempotency_keys (user_id, key, request_hash) VALUES (:user, 'k', repeat('0', 64))",
        user=house.caller.user_id,
    )
    house.run(
        "INSERT INTO scraped_contents (user_id, url, status) VALUES (:user, 'https://a.example/', 'failed')",
        user=house.caller.user_id,
    )
    return house


def rows_of(house: EngineHouse) -> dict[str, int]:
    """Rows by table, of the tables that have any."""
    with house.database.tenant(house.tenant_id) as work:
        tables = sorted(set(work.session.scalars(text(TABLES_OF_TENANTS))))
        query = "SELECT count(tenant_id) FROM {} WHERE tenant_id = :tenant"
        values = {"tenant": house.tenant_id}
        counted = {t: work.session.execute(text(query.format(t)), values).scalar_one() for t in tables}
    return {table: rows for table, rows in counted.items() if rows}


def objects_of(s3: Any, house: EngineHouse) -> int:
    prefixes = [f"{prefix}/{house.tenant_id}/" for prefix in (UPLOAD_PREFIX, EXPORTS)]
    found = [s3.list_object_versions(Bucket=BUCKET, Prefix=prefix) for prefix in prefixes]
    return sum(len(page.get("Versions", [])) + len(page.get("DeleteMarkers", [])) for page in found)


def test_nothing_of_the_tenant_stays_but_its_bill(stores: TenantStores, s3: Any) -> None:
    house = settled(stores.database, s3)
    assert {"knowledge_files", "extracted_texts", "map_results", "job_items"} <= rows_of(house).keys()
    said: list[str] = []
    delete_tenant(stores, house.tenant_id, said.append)
    assert rows_of(house).keys() <= KEPT
    assert objects_of(s3, house) == 0
    assert "3 rows of knowledge_files" in said


def test_every_table_of_tenants_is_thought_of(database: PostgresDatabase) -> None:
    with database.monitoring() as session:
        tables = set(session.scalars(text(ALL_TABLES_OF_TENANTS)))
    by_cascade = {"extracted_texts", "passages", "passage_vectors", "job_signals"}
    by_cascade |= {"text_embeddings", "embedded_contents"}
    assert tables - {*TABLES, *AFTER_TEXTS, *KEPT} == by_cascade


def test_other_tenants_keep_everything(stores: TenantStores, s3: Any) -> None:
    house, other = settled(stores.database, s3), settled(stores.database, s3)
    before = rows_of(other), objects_of(s3, other)
    delete_tenant(stores, house.tenant_id, lambda _: None)
    assert (rows_of(other), objects_of(s3, other)) == before
    assert other.answer(count("audit"))["result"]["ledger"]["match"] == 3


class IndexElsewhere(PgvectorVectorIndex):
    """An index that remembers which texts it was told to forget."""

    def __init__(self, database: PostgresDatabase) -> None:
        super().__init__(database)
        self.forgotten: list[uuid.UUID] = []

    def delete_text(self, tenant_id: uuid.UUID, text_id: uuid.UUID, embedder: str | None = None) -> int:
        self.forgotten.append(text_id)
        return super().delete_text(tenant_id, text_id, embedder)


def test_vectors_that_still_waited_to_be_removed_go_too(database: PostgresDatabase, s3: Any) -> None:
    house, waiting, index = settled(database, s3), uuid.uuid4(), IndexElsewhere(database)
    house.run("INSERT INTO removals (text_id) VALUES (:text)", text=waiting)
    delete_tenant(TenantStores(database, index, s3, BUCKET), house.tenant_id, lambda _: None)
    assert waiting in index.forgotten
    assert rows_of(house).keys() <= KEPT


def test_it_can_be_repeated(stores: TenantStores, s3: Any) -> None:
    house = settled(stores.database, s3)
    for _ in range(2):
        delete_tenant(stores, house.tenant_id, lambda _: None)
    assert rows_of(house).keys() <= KEPT


def test_a_tenant_with_open_jobs_is_refused_before_anything_is_touched(stores: TenantStores, s3: Any) -> None:
    house = settled(stores.database, s3)
    house.ask(count("audit"))
    before = rows_of(house), objects_of(s3, house)
    with pytest.raises(TenantBusyError, match="1 open jobs"):
        delete_tenant(stores, house.tenant_id, lambda _: None)
    assert (rows_of(house), objects_of(s3, house)) == before


def test_the_command_asks_for_the_id_once_more(capsys: pytest.CaptureFixture[str]) -> None:
    tenant = caller_from_claims("https://issuer/", "", "acme").tenant_id
    assert main(["delete-tenant", "acme", "--issuer", "https://issuer/"]) == 1
    assert f"--yes {tenant}" in capsys.readouterr().out
    assert main(["delete-tenant", str(tenant), "--yes", str(uuid.uuid4())]) == 1
