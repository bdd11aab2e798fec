"""What people spend and may spend, as one transaction of a tenant sees it. US dollars, days in UTC."""

import uuid
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

from census.ports.batch_store import Spending


@dataclass(frozen=True)
class Budget:
    """Limits of a user, or of all users of the tenant together; None where there is none.

    Jobs that may cost more than `approve_above_usd` wait for approval, unless the question says otherwise.
    """

    daily_usd: Decimal | None = None
    monthly_usd: Decimal | None = None
    approve_above_usd: Decimal | None = None


@dataclass(frozen=True)
class UserSpending:
    """A user's spending and limits. `reserved_usd`: held by claims of batches that are being read."""

    today: Spending
    this_month: Spending
    reserved_usd: Decimal
    user: Budget
    tenant: Budget
    left_usd: Decimal | None


class BudgetStore(Protocol):
    """Spending by user and day, and its limits."""

    def left(self, user_id: uuid.UUID) -> Decimal | None:
        """What the user may still spend under all limits, reservations taken off; None without a limit."""
        ...

    def approve_above(self, user_id: uuid.UUID) -> Decimal | None:
        """The price above which the user's jobs wait for approval; else the tenant's; None without either."""
        ...

    def spending(self, user_id: uuid.UUID) -> UserSpending:
        """What the user spent today and this month."""
        ...

    def charge(self, user_id: uuid.UUID, spent: Spending) -> None:
        """Charge calls that belong to no job."""
        ...
