"""What a user spent and may spend, as GET /usage shows it."""

from decimal import Decimal

from census.domain.identity import Caller
from census.domain.plan import JsonObject
from census.ports.budget_store import Budget
from census.ports.job_store import Spending
from census.ports.unit_of_work import Database


def describe_usage(database: Database, caller: Caller) -> JsonObject:
    """The caller's spending today and this month (UTC), and the limits that hold for it."""
    with database.tenant(caller.tenant_id) as work:
        found = work.budgets.spending(caller.user_id)
    return {
        "today": _spent(found.today),
        "this_month": _spent(found.this_month),
        "reserved_usd": float(found.reserved_usd),
        "limits": {"user": _limits(found.user), "tenant": _limits(found.tenant)},
        "left_usd": _usd(found.left_usd),
    }


def _spent(spent: Spending) -> JsonObject:
    return {
        "calls": spent.calls,
        "input_tokens": spent.input_tokens,
        "output_tokens": spent.output_tokens,
        "usd": float(spent.usd),
    }


def _limits(budget: Budget) -> JsonObject:
    return {
        "daily_usd": _usd(budget.daily_usd),
        "monthly_usd": _usd(budget.monthly_usd),
        "approve_above_usd": _usd(budget.approve_above_usd),
    }


def _usd(amount: Decimal | None) -> float | None:
    return None if amount is None else max(0.0, float(amount))
