"""Charge what model calls cost outside of batches: planning, look-ups, estimates, with or without a job."""

import logging
import uuid
from collections.abc import Callable
from decimal import Decimal

from census.domain.usage import Usage
from census.ports.job_store import Spending
from census.ports.unit_of_work import TenantWork

log = logging.getLogger(__name__)

CHARGED = "Model calls outside of batches."
Price = Callable[[Usage], Decimal]


def charge_usage(
    work: TenantWork, price: Price, user_id: uuid.UUID, usage: Usage, job_id: uuid.UUID | None = None
) -> None:
    """Add usage to a job's cost, where one came of it, within the caller's transaction.

    Raises UnknownPriceError.
    """
    if not usage.by_model():
        return
    spent = Spending(usage.calls, usage.input_tokens, usage.output_tokens, price(usage))
    if job_id is not None:
        work.jobs.charge(job_id, spent)
    else:
        work.budgets.charge(user_id, spent)
    log.info(
        CHARGED,
        extra={"user_id": str(user_id), "job_id": str(job_id), "calls": spent.calls, "usd": str(spent.usd)},
    )
