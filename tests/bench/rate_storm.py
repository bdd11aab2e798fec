"""Fifty workers against a model that refuses more than 600 requests a minute."""

import time

from census.adapters.openai_language_model import OpenAILanguageModel
from census.ports.call_leases import CallLimits
from infra.local.postgres import DATABASE
from tests.bench.large_job import large_job, work_off
from tests.database.servers import running
from tests.model_server import Latency, ModelServer, ScriptedBrain

REQUESTS, A_MINUTE, WORKERS = 1_200, 600, 50
MOST_OVER, LEAST_USED = 0.02, 0.95


def run() -> list[str]:
    """Two minutes' worth of requests."""
    with running(18) as server:
        over, used = measure(server.url(DATABASE), REQUESTS)
    missed = [f"{over:.1%} of the requests came above the limit"] * (over > MOST_OVER)
    return missed + [f"only {used:.1%} of the limit was used"] * (used < LEAST_USED)


def measure(url: str, requests: int, workers: int = WORKERS) -> tuple[float, float]:
    """Share of requests that were refused, and of the limit that was used from the first to the last."""
    brain = ScriptedBrain()
    with ModelServer(brain, latency=Latency(1.0), requests_per_minute=A_MINUTE) as server:
        model = OpenAILanguageModel(
            api_key="test",
            base_url=server.base_url,
            model="gpt-5-mini",
            strong_model="gpt-5",
            timeout_seconds=20,
        )
        limits = CallLimits(1_000, requests_a_minute=A_MINUTE)
        house, job_id, _ = large_job(url, model, requests, limits)
        began = time.monotonic()
        work_off(house, url, job_id, workers)
        seconds = time.monotonic() - began
        calls = server.calls
    refused = sum(call.status == 429 for call in calls)
    taken = [call.started for call in calls if call.status != 429]
    used = len(taken) / ((max(taken) - min(taken)) * A_MINUTE / 60)
    print(f"   {len(taken)} requests taken, {refused} refused, {used:.1%} of the limit, {seconds:.0f} s")
    job = house.job(job_id)
    assert (job.remaining, job.failed_batches) == (0, 0), "nothing failed, nothing is left"
    house.database.engine.dispose()
    return refused / len(calls), used
