"""Jobs that cost money, and budgets."""

import uuid
from decimal import Decimal

from census.domain.plan import JsonObject
from census.ports.job_store import BatchKey, BatchPrice
from tests.engine.house import EngineHouse
from tests.engine.plans import count
from tests.engine.started_jobs import add_audits

DOCUMENTS = 8


def asked(house: EngineHouse, cap: str | None, documents: int = DOCUMENTS) -> uuid.UUID:
    """A job about as many documents, each a batch of its own, with that cap."""
    add_audits(house, documents)
    return house.ask(count("audit"), max_cost_usd=None if cap is None else Decimal(cap))


def led(house: EngineHouse, job_id: uuid.UUID) -> JsonObject:
    """The whole execution; the job as people see it."""
    return house.finish(job_id)


def set_budget(house: EngineHouse, subject: uuid.UUID, usd: str, column: str = "monthly_usd") -> None:
    """A budget of a user or of the tenant."""
    house.run(
        f"INSERT INTO budgets (subject, {column}) VALUES (:subject, :usd)", subject=subject, usd=Decimal(usd)
    )


def dead_claim(house: EngineHouse, job_id: uuid.UUID, usd: str) -> None:
    """The job is planned and dispatched, and a claim of its first batch dies with so much of its money."""
    house.plan(job_id)
    house.dispatch(job_id)
    with house.database.tenant(house.tenant_id) as work:
        work.batches.claim([BatchKey(job_id, 1)], 60, BatchPrice(Decimal(usd)))
    house.expire_claims(job_id)


def money(house: EngineHouse) -> tuple[Decimal, Decimal | None]:
    """What is reserved of the user's budget, and what is left of it."""
    with house.database.tenant(house.tenant_id) as work:
        found = work.budgets.spending(house.caller.user_id)
    return found.reserved_usd, found.left_usd
