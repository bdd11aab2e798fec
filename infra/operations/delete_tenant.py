"""Delete everything of a tenant: objects, vectors, rows. In slices, so that it can be stopped and repeated.

What stays are `budgets` and `spending`: ids and money for the books, nobody's words.
"""

import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text

from census.adapters.postgres.database import PostgresDatabase
from census.domain.errors import CensusError
from census.domain.identity import UPLOAD_PREFIX
from census.ports.vector_index import VectorIndex

KEPT = frozenset({"budgets", "spending"})
# Children before parents; what is not named goes by cascade.
TABLES = (
    *("idempotency_keys", "job_findings", "job_items", "job_batches", "messages", "processing_jobs"),
    *("conversations", "knowledge_files", "scraped_contents", "crawls"),
)
AFTER_TEXTS = ("map_results", "reduce_nodes", "kept_plans", "removals", "vector_spaces", "profiles")
SLICE = 2_000
TEXTS_AT_ONCE = 100
EXPORTS = "exports"

_OPEN_JOBS = """
    SELECT count(*) FROM processing_jobs
    WHERE tenant_id = :tenant AND status IN ('queued', 'awaiting_approval', 'processing')
"""
_TEXTS = "SELECT id FROM extracted_texts WHERE tenant_id = :tenant LIMIT :slice"
_PENDING = "SELECT DISTINCT text_id FROM removals WHERE tenant_id = :tenant AND text_id IS NOT NULL"
_DROP_TEXTS = "DELETE FROM extracted_texts WHERE tenant_id = :tenant AND id = ANY(:ids)"


class TenantBusyError(CensusError):
    """The tenant has open jobs, which would go on working for nobody."""


@dataclass(frozen=True)
class TenantStores:
    """Where a tenant's things lie. `s3` is a boto3 client."""

    database: PostgresDatabase
    vectors: VectorIndex
    s3: Any
    bucket: str


def delete_tenant(stores: TenantStores, tenant_id: uuid.UUID, report: Callable[[str], None]) -> None:
    """Delete all of it; `report` gets a line a step. Raises TenantBusyError, and UnavailableError: repeat it.

    Objects go first: rows without bytes can be found and deleted again, bytes without a row cannot.
    """
    _refuse_open_jobs(stores, tenant_id)
    for prefix in (UPLOAD_PREFIX, EXPORTS):
        report(f"{_delete_objects(stores, f'{prefix}/{tenant_id}/')} objects under {prefix}/")
    for table in TABLES:
        report(f"{_delete_rows(stores, tenant_id, table)} rows of {table}")
    report(f"{_delete_texts(stores, tenant_id)} texts with their passages and vectors")
    report(f"{_finish_removals(stores, tenant_id)} texts whose vectors still waited to be removed")
    for table in AFTER_TEXTS:
        report(f"{_delete_rows(stores, tenant_id, table)} rows of {table}")


def _refuse_open_jobs(stores: TenantStores, tenant_id: uuid.UUID) -> None:
    with stores.database.tenant(tenant_id) as work:
        jobs = work.session.execute(text(_OPEN_JOBS), {"tenant": tenant_id}).scalar_one()
    if jobs:
        raise TenantBusyError(
            f"Tenant {tenant_id} has {jobs} open jobs; cancel them (POST /jobs/ID/cancel) and repeat this."
        )


def _delete_objects(stores: TenantStores, prefix: str) -> int:
    """In all their versions."""
    deleted = 0
    for page in stores.s3.get_paginator("list_object_versions").paginate(Bucket=stores.bucket, Prefix=prefix):
        entries = [*page.get("Versions", []), *page.get("DeleteMarkers", [])]
        keys = [{"Key": entry["Key"], "VersionId": entry["VersionId"]} for entry in entries]
        if keys:
            done = stores.s3.delete_objects(Bucket=stores.bucket, Delete={"Objects": keys, "Quiet": True})
            if done.get("Errors"):
                raise CensusError(f"S3 refused to delete {done['Errors'][0]['Key']}: {done['Errors'][0]}")
        deleted += len(keys)
    return deleted


def _delete_rows(stores: TenantStores, tenant_id: uuid.UUID, table: str) -> int:
    some = f"SELECT ctid FROM {table} WHERE tenant_id = :tenant LIMIT :slice"
    statement = text(f"DELETE FROM {table} WHERE tenant_id = :tenant AND ctid = ANY(ARRAY({some}))")
    deleted = 0
    while True:
        with stores.database.tenant(tenant_id) as work:
            done: Any = work.session.execute(statement, {"tenant": tenant_id, "slice": SLICE})
        deleted += int(done.rowcount)
        if done.rowcount < SLICE:
            return deleted


def _delete_texts(stores: TenantStores, tenant_id: uuid.UUID) -> int:
    deleted = 0
    for ids in _slices_of_texts(stores, tenant_id):
        for text_id in ids:
            stores.vectors.delete_text(tenant_id, text_id)
        with stores.database.tenant(tenant_id) as work:
            work.session.execute(text(_DROP_TEXTS), {"tenant": tenant_id, "ids": ids})
        deleted += len(ids)
    return deleted


def _finish_removals(stores: TenantStores, tenant_id: uuid.UUID) -> int:
    """Vectors of texts deleted earlier, but not yet in a store of another house. Objects are gone."""
    with stores.database.tenant(tenant_id) as work:
        pending = work.session.scalars(text(_PENDING), {"tenant": tenant_id}).all()
    for text_id in pending:
        stores.vectors.delete_text(tenant_id, text_id)
    return len(pending)


def _slices_of_texts(stores: TenantStores, tenant_id: uuid.UUID) -> Iterator[list[uuid.UUID]]:
    while True:
        with stores.database.tenant(tenant_id) as work:
            found = work.session.scalars(text(_TEXTS), {"tenant": tenant_id, "slice": TEXTS_AT_ONCE}).all()
        if not found:
            return
        yield list(found)
