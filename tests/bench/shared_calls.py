"""Eight invocations of ten batches share 32 calls in flight: how long against the ideal."""

from census.ports.call_leases import CallLimits
from infra.local.postgres import DATABASE
from tests.bench.large_job import TimedModel, large_job, work_off
from tests.database.servers import running

CALLS, IN_FLIGHT, INVOCATIONS, MEDIAN_SECONDS = 3_000, 32, 8, 1.0
WANTED = 1.15


def run() -> list[str]:
    """At full length: about two minutes."""
    with running(18) as server:
        ratio, most = measure(server.url(DATABASE), CALLS, MEDIAN_SECONDS)
    return [f"the phase takes {ratio:.2f} of the ideal, more than {WANTED}"] * (ratio > WANTED) + [
        f"{most} calls at once, more than {IN_FLIGHT}"
    ] * (most > IN_FLIGHT)


def measure(url: str, calls: int, median_seconds: float) -> tuple[float, int]:
    """The phase, first call to last, over sum of latencies ÷ calls in flight; and the most at once."""
    model = TimedModel(median_seconds=median_seconds)
    house, job_id, _ = large_job(url, model, calls, CallLimits(IN_FLIGHT))
    done = work_off(house, url, job_id, INVOCATIONS)
    phase = max(end for _, end in model.spans) - min(begin for begin, _ in model.spans)
    ideal = sum(end - begin for begin, end in model.spans) / IN_FLIGHT
    edges = sorted([(b, 1) for b, _ in model.spans] + [(e, -1) for _, e in model.spans])
    at_once = most = 0
    for _, step in edges:
        at_once += step
        most = max(most, at_once)
    told = (
        f"{len(model.spans)} calls, at most {most} at once, {done.statements / calls:.2f} statements a batch"
    )
    print(f"   {phase / ideal:.2f} of the ideal: {phase:.1f} s for {ideal:.1f} s; {told}")
    assert house.job(job_id).remaining == 0
    house.database.engine.dispose()
    return phase / ideal, most
