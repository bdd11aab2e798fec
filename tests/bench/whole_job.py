"""A job of 10,000 batches: a model that takes no time, a queue in memory, real Postgres."""

import time

from census.ports.call_leases import CallLimits
from infra.local.postgres import DATABASE
from tests.bench.large_job import TimedModel, large_job, work_off
from tests.database.servers import running

BATCHES, INVOCATIONS = 10_000, 3
SECONDS, STATEMENTS = 20.0, 0.6


def run() -> list[str]:
    """From the plan to the answer."""
    with running(18, durable=True) as server:
        seconds, statements = measure(server.url(DATABASE), BATCHES)
    missed = [f"{seconds:.1f} s, more than {SECONDS:.0f} s"] * (seconds > SECONDS)
    return missed + [f"{statements:.2f} statements a batch, more than {STATEMENTS}"] * (
        statements > STATEMENTS
    )


def measure(url: str, batches: int) -> tuple[float, float]:
    """Seconds from the plan to the answer, and statements a batch that the workers sent."""
    began = time.monotonic()
    house, job_id, token = large_job(url, TimedModel(), batches, CallLimits(1_000))
    planned = time.monotonic()
    done = work_off(house, url, job_id, INVOCATIONS)
    mapped = time.monotonic()
    house.follow(job_id, token)
    ended = time.monotonic()
    parts = (
        f"made and planned {planned - began:.1f}, read {mapped - planned:.1f}, answered {ended - mapped:.1f}"
    )
    statements = done.statements / batches
    counts = f"{statements:.2f} statements a batch, {done.invocations} invocations"
    print(f"   {ended - began:.1f} s ({parts}); {counts}")
    assert house.shown(job_id)["status"] == "completed"
    house.database.engine.dispose()
    return ended - began, statements
