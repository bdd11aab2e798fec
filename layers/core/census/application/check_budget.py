"""Ask whether there is money before a model call outside of batches is made."""

import uuid

from census.domain.errors import ConflictError
from census.ports.unit_of_work import TenantWork

USED_UP = "The budget is used up; GET /usage shows the limits."


class BudgetUsedUpError(ConflictError):
    """A budget of the user or of the tenant leaves nothing; the message says where the limits are."""

    def __init__(self) -> None:
        super().__init__(USED_UP, "budget_used_up")


def budget_used_up(work: TenantWork, user_id: uuid.UUID) -> bool:
    """Whether a budget leaves the user nothing. Money that claims hold counts as spent."""
    left = work.budgets.left(user_id)
    return left is not None and left <= 0


def check_budget(work: TenantWork, user_id: uuid.UUID) -> None:
    """Raises BudgetUsedUpError when a budget leaves the user nothing."""
    if budget_used_up(work, user_id):
        raise BudgetUsedUpError
