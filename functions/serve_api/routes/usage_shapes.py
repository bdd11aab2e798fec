"""What GET /usage answers with."""

from pydantic import BaseModel


class SpentShape(BaseModel):
    """Model calls and what they cost, in US dollars."""

    calls: int
    input_tokens: int
    output_tokens: int
    usd: float


class LimitsShape(BaseModel):
    """The most that may be spent in US dollars, and above what a job waits for approval; null without."""

    daily_usd: float | None
    monthly_usd: float | None
    approve_above_usd: float | None


class LimitsOfShape(BaseModel):
    """The user's own limits, and those of all users of the tenant together."""

    user: LimitsShape
    tenant: LimitsShape


class UsageShape(BaseModel):
    """Spending by UTC days. `reserved_usd` is held by batches that are being read."""

    today: SpentShape
    this_month: SpentShape
    reserved_usd: float
    limits: LimitsOfShape
    left_usd: float | None
