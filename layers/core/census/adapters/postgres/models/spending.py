"""What may be spent and asked of the model, and what was."""

import datetime as dt
import uuid
from decimal import Decimal

from sqlalchemy import (
    BigInteger,
)
from sqlalchemy import (
    text as sql,
)
from sqlalchemy.orm import Mapped, mapped_column

from census.adapters.postgres.models.base import Base, TenantKey


class Budget(TenantKey, Base):
    """What a user, or all users of the tenant together, may spend. Money in US dollars, days in UTC."""

    __tablename__ = "budgets"
    subject: Mapped[uuid.UUID] = mapped_column(
        primary_key=True, comment="A user, or the tenant itself: all of its users together."
    )
    daily_usd: Mapped[Decimal | None]
    monthly_usd: Mapped[Decimal | None]
    approve_above_usd: Mapped[Decimal | None]


class DaySpending(TenantKey, Base):
    """What a job's calls cost on a day. It stays when the job goes: a deletion gives no money back."""

    __tablename__ = "spending"
    __table_args__ = ({"comment": "What model calls cost, by day (UTC), user and job."},)
    user_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    day: Mapped[dt.date] = mapped_column(primary_key=True)
    job_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    calls: Mapped[int]
    input_tokens: Mapped[int] = mapped_column(BigInteger)
    output_tokens: Mapped[int] = mapped_column(BigInteger)
    usd: Mapped[Decimal]


class RateLimit(Base):
    """When a model may be called next, by anybody."""

    __tablename__ = "rate_limits"
    model: Mapped[str] = mapped_column(primary_key=True)
    next_start_at: Mapped[dt.datetime] = mapped_column(
        server_default=sql("'-infinity'"),
        comment="When the next call may start: a time, so nothing can leak.",
    )
    paused_until: Mapped[dt.datetime] = mapped_column(
        server_default=sql("'-infinity'"),
        comment="The vendor asked for patience: until then nobody calls.",
    )
    repeats_left: Mapped[float] = mapped_column(
        server_default=sql("10"),
        comment="How many calls that failed may be made once more, as of repeats_at.",
    )
    repeats_at: Mapped[dt.datetime] = mapped_column(server_default=sql("now()"))
    next_look_at: Mapped[dt.datetime] = mapped_column(
        server_default=sql("'-infinity'"),
        comment="When the next of those who wait for capacity should look for it.",
    )
    call_seconds: Mapped[float] = mapped_column(
        server_default=sql("1"), comment="How long a call takes: a moving mean of what workers tell."
    )


class ModelLease(Base):
    """A claim's share of the calls that a model may have in flight."""

    __tablename__ = "model_leases"
    __table_args__ = (
        {"comment": "Calls in flight by claim. What is in use is their sum: no counter to leak."},
    )
    holder: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    model: Mapped[str]
    calls: Mapped[int]
    until: Mapped[dt.datetime]
