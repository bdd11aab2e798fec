"""What people do to jobs: approve, retry, cancel."""

import uuid
from decimal import Decimal

from census.application.cancel_job import cancel_job
from census.application.reopen_job import approve_job, retry_job
from census.domain.identity import Caller
from census.domain.plan import JsonObject, Plan
from tests.engine.house import EngineHouse


def retry(house: EngineHouse, job_id: uuid.UUID, cap: Decimal | None = None) -> JsonObject:
    return retry_job(house.database, house.workflow, house.checks, house.caller, job_id, cap)


def approve(house: EngineHouse, job_id: uuid.UUID, plan: Plan | None = None) -> JsonObject:
    return approve_job(house.database, house.workflow, house.checks, house.caller, job_id, None, plan)


def cancel(house: EngineHouse, job_id: uuid.UUID, caller: Caller | None = None) -> JsonObject:
    return cancel_job(house.database, house.workflow, house.model, caller or house.caller, job_id)
