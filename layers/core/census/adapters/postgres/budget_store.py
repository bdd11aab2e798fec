"""Spending and limits in PostgreSQL. Implements census.ports.budget_store.BudgetStore."""

import uuid
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from census.ports.batch_store import Spending
from census.ports.budget_store import Budget, UserSpending

NO_JOB = uuid.UUID(int=0)
_TODAY = "(now() AT TIME ZONE 'UTC')::date"
_LEFT = text("SELECT budget_left(:user)")
_SPENT = text(f"""
    SELECT day = {_TODAY} AS today, sum(calls) AS calls, sum(input_tokens) AS input_tokens,
           sum(output_tokens) AS output_tokens, sum(usd) AS usd
    FROM spending
    WHERE tenant_id = :tenant AND user_id = :user
      AND day >= date_trunc('month', now() AT TIME ZONE 'UTC')::date
    GROUP BY day = {_TODAY}
""")
_RESERVED = text("""
    SELECT COALESCE(sum(reserved_usd), 0) FROM processing_jobs
    WHERE tenant_id = :tenant AND user_id = :user AND status = 'processing'
""")
_LIMITS = text("""
    SELECT subject, daily_usd, monthly_usd, approve_above_usd FROM budgets
    WHERE tenant_id = :tenant AND subject IN (:user, :tenant)
""")
_APPROVE_ABOVE = text("""
    SELECT approve_above_usd FROM budgets
    WHERE tenant_id = :tenant AND subject IN (:user, :tenant) AND approve_above_usd IS NOT NULL
    ORDER BY subject = :tenant LIMIT 1
""")
_CHARGE = text(f"""
    INSERT INTO spending AS known (tenant_id, user_id, day, job_id, calls, input_tokens, output_tokens, usd)
    VALUES (:tenant, :user, {_TODAY}, :job, :calls, :input_tokens, :output_tokens, :usd)
    ON CONFLICT (tenant_id, user_id, day, job_id) DO UPDATE
    SET calls = known.calls + excluded.calls, input_tokens = known.input_tokens + excluded.input_tokens,
        output_tokens = known.output_tokens + excluded.output_tokens, usd = known.usd + excluded.usd
""")


class PostgresBudgetStore:
    """See the port."""

    def __init__(self, session: Session, tenant_id: uuid.UUID) -> None:
        self._session = session
        self._tenant_id = tenant_id

    def left(self, user_id: uuid.UUID) -> Any:
        """See the port."""
        return self._session.scalar(_LEFT, {"user": user_id})

    def approve_above(self, user_id: uuid.UUID) -> Any:
        """See the port."""
        return self._session.scalar(_APPROVE_ABOVE, {"tenant": self._tenant_id, "user": user_id})

    def spending(self, user_id: uuid.UUID) -> UserSpending:
        """See the port."""
        whose = {"tenant": self._tenant_id, "user": user_id}
        by_day = {row.today: _spent(row) for row in self._session.execute(_SPENT, whose)}
        today, before = by_day.get(True, Spending()), by_day.get(False, Spending())
        limits = {
            row.subject: Budget(row.daily_usd, row.monthly_usd, row.approve_above_usd)
            for row in self._session.execute(_LIMITS, whose)
        }
        return UserSpending(
            today,
            _sum(today, before),
            self._session.scalar(_RESERVED, whose) or Spending().usd,
            limits.get(user_id, Budget()),
            limits.get(self._tenant_id, Budget()),
            self.left(user_id),
        )

    def charge(self, user_id: uuid.UUID, spent: Spending) -> None:
        """See the port."""
        values = {
            "calls": spent.calls,
            "input_tokens": spent.input_tokens,
            "output_tokens": spent.output_tokens,
            "usd": spent.usd,
        }
        self._session.execute(_CHARGE, {"tenant": self._tenant_id, "user": user_id, "job": NO_JOB, **values})


def _spent(row: Any) -> Spending:
    return Spending(int(row.calls), int(row.input_tokens), int(row.output_tokens), row.usd)


def _sum(one: Spending, other: Spending) -> Spending:
    return Spending(
        one.calls + other.calls,
        one.input_tokens + other.input_tokens,
        one.output_tokens + other.output_tokens,
        one.usd + other.usd,
    )
