"""Servers whose clock shows another day than UTC's: one of the two zones does at any hour."""

import uuid
from collections.abc import Iterator
from decimal import Decimal

import pytest
from sqlalchemy import make_url, text

from census.adapters.postgres.database import PostgresDatabase
from census.ports.batch_store import Spending
from tests.chaos.tenants import walk
from tests.database.rows import TENANT, add_asked, add_user, one, run
from tests.database.test_migrator import run as as_owner

MONTH = "date_trunc('month', now() AT TIME ZONE 'UTC')::date"
TODAY = "(now() AT TIME ZONE 'UTC')::date"


@pytest.fixture(params=["Pacific/Kiritimati", "Etc/GMT+12"])
def elsewhere(request: pytest.FixtureRequest, migrated_url: str) -> Iterator[PostgresDatabase]:
    as_owner(
        migrated_url, f"ALTER DATABASE {make_url(migrated_url).database} SET timezone = '{request.param}'"
    )
    database = PostgresDatabase(migrated_url)
    assert one(database, "SHOW timezone") == request.param
    yield database
    database.engine.dispose()


def spend(database: PostgresDatabase, user: uuid.UUID, day: str, usd: int) -> None:
    run(
        database,
        "INSERT INTO spending (user_id, day, job_id, calls, input_tokens, output_tokens, usd)"
        f" VALUES (:user, {day}, gen_random_uuid(), 1, 1, 1, {usd})",
        user=user,
    )


def test_money_is_counted_by_the_days_and_months_of_utc(elsewhere: PostgresDatabase) -> None:
    user = add_user(elsewhere)
    budget = "INSERT INTO budgets (subject, daily_usd, monthly_usd) VALUES (:user, 100, 1000)"
    run(elsewhere, budget, user=user)
    spend(elsewhere, user, f"{MONTH} - 1", 500)  # last month's

    with elsewhere.tenant(TENANT) as work:
        work.budgets.charge(user, Spending(calls=1, usd=Decimal(3)))
        spent = work.budgets.spending(user)
        assert work.session.scalar(text(f"SELECT day = {TODAY} FROM spending WHERE usd = 3"))

    assert (spent.today.usd, spent.this_month.usd, spent.left_usd) == (Decimal(3), Decimal(3), Decimal(97))


def test_yesterday_and_tomorrow_are_not_today(elsewhere: PostgresDatabase) -> None:
    user = add_user(elsewhere)
    for day in (f"{TODAY} - 1", f"{TODAY} + 1"):
        spend(elsewhere, user, day, 5)

    with elsewhere.tenant(TENANT) as work:
        assert work.budgets.spending(user).today.usd == 0


def test_a_moment_is_the_same_moment_in_python(elsewhere: PostgresDatabase) -> None:
    job = add_asked(elsewhere).job

    with elsewhere.tenant(TENANT) as work:
        created = work.jobs.get(job).created_at

    seconds = "SELECT extract(epoch FROM created_at) FROM processing_jobs WHERE id = :job"
    assert created.timestamp() == pytest.approx(float(str(one(elsewhere, seconds, job=job))), abs=1e-4)


def test_the_repositories_work_there(elsewhere: PostgresDatabase, migrated_url: str) -> None:
    assert sum(walk(migrated_url, 60, seed=2).values()) == 60
