"""Charge what model calls cost outside of batches: planning, look-ups, estimates, with or without a job;
and embeddings, of questions and of documents.
"""

import logging
import uuid
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from functools import partial

from census.domain.identity import Caller
from census.domain.prices import UnknownPriceError
from census.domain.usage import Usage
from census.ports.job_store import Spending
from census.ports.unit_of_work import Database, TenantWork

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
    spent = _spending(user_id, usage, price)
    if job_id is not None:
        work.jobs.charge(job_id, spent)
    else:
        work.budgets.charge(user_id, spent)
    log.info(
        CHARGED,
        extra={"user_id": str(user_id), "job_id": str(job_id), "calls": spent.calls, "usd": str(spent.usd)},
    )


def charge_now(database: Database, price: Price, caller: Caller, usage: Usage) -> None:
    """Charge a user at once, in a transaction of its own: whatever comes of the call, it was paid for.

    Raises UnknownPriceError.
    """
    if usage.by_model():
        with database.tenant(caller.tenant_id) as work:
            charge_usage(work, price, caller.user_id, usage)


def charge_embedding(database: Database, price: Price, caller: Caller, usage: Usage) -> None:
    """Charge a user for embeddings at once. Those of an embedder without a price are counted at no cost.

    A missing price shall leave no document unread: that can be had without one, and a warning says so.
    """
    charge_now(database, partial(_price_or_nothing, price), caller, usage)


def _price_or_nothing(price: Price, usage: Usage) -> Decimal:
    try:
        return price(usage)
    except UnknownPriceError as error:
        log.warning("Embeddings are counted without their cost. %s", error)
        return Decimal(0)


def hand_to_job(work: TenantWork, price: Price, user_id: uuid.UUID, usage: Usage, job_id: uuid.UUID) -> None:
    """Usage that the user was charged already is the job's from now on. Raises UnknownPriceError.

    Written as less for the user and as much more for the job: right also on the day after the call.
    """
    if not usage.by_model():
        return
    spent = _spending(user_id, usage, price)
    less = Spending(-spent.calls, -spent.input_tokens, -spent.output_tokens, -spent.usd)
    work.budgets.charge(user_id, less)
    work.jobs.charge(job_id, spent)


def _spending(user_id: uuid.UUID, usage: Usage, price: Price) -> Spending:
    spent = Spending(usage.calls, usage.input_tokens, usage.output_tokens, price(usage))
    return replace(spent, user_id=user_id)
