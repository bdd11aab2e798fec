"""What people do to jobs: approve, retry, cancel; and what goes on in them."""

import uuid
from decimal import Decimal

from census.application.cancel_job import cancel_job
from census.application.reopen_job import approve_job, retry_job
from census.domain.identity import Caller
from census.domain.plan import JsonObject, Plan
from census.ports.job_store import BatchKey
from tests.engine.house import EngineHouse


def retry(house: EngineHouse, job_id: uuid.UUID, cap: Decimal | None = None) -> JsonObject:
    return retry_job(house.database, house.workflow, house.checks, house.caller, job_id, cap)


def approve(house: EngineHouse, job_id: uuid.UUID, plan: Plan | None = None) -> JsonObject:
    return approve_job(house.database, house.workflow, house.checks, house.caller, job_id, None, plan)


def cancel(house: EngineHouse, job_id: uuid.UUID, caller: Caller | None = None) -> JsonObject:
    return cancel_job(house.database, house.workflow, house.model, caller or house.caller, job_id)


def documents_of_batches(house: EngineHouse, job_id: uuid.UUID) -> dict[int, int]:
    """Which document each batch reads, where every document is a batch of its own."""
    with house.database.tenant(house.tenant_id) as work:
        last = work.batches.last_ordinal(job_id)
        pairs = {n: work.batches.windows(BatchKey(job_id, n)) for n in range(1, last + 1)}
    return {ordinal: windows[0][0] for ordinal, windows in pairs.items() if windows}


def claimed_batches(house: EngineHouse, job_id: uuid.UUID) -> set[int]:
    """The batches that somebody reads now."""
    held = "SELECT array_agg(ordinal) FROM job_batches WHERE claimed_until > now() AND job_id = :job"
    return set(house.scalar(held, job=job_id) or ())
