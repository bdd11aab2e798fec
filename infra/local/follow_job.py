"""Wait for a job while showing its phase, its items and the time it still needs."""

import time

from infra.local.api_shapes import RESTING_JOB, Job
from infra.local.client import CensusClient
from infra.local.client_errors import CensusError
from infra.local.pacing import pause_after
from infra.local.progress_view import Meter

POLL_SECONDS = 1.0
STALLED_SECONDS = 240.0


class JobStalledError(CensusError):
    """A job showed no progress for a long time."""

    def __init__(self, job: Job, seconds: float) -> None:
        super().__init__(
            f"Job {job['id']} has been {job['current_phase']} at {job['processed_items']} of "
            f"{job['total_items']} documents for {seconds:.0f} s. Look at the output of `make up`."
        )


def follow_job(
    client: CensusClient,
    job: Job,
    meter: Meter,
    *,
    poll_seconds: float = POLL_SECONDS,
    stalled_seconds: float = STALLED_SECONDS,
) -> Job:
    """Return the job once it rests: ended, or awaiting approval. Raises JobStalledError."""
    began = moved_at = time.monotonic()
    before = None
    while True:
        meter.show(job["processed_items"], job["total_items"], note_of(job))
        if job["status"] in RESTING_JOB:
            return job
        now = (job["status"], job["current_phase"], job["processed_items"])
        if now != before:
            moved_at, before = time.monotonic(), now
        elif time.monotonic() - moved_at > stalled_seconds:
            raise JobStalledError(job, stalled_seconds)
        time.sleep(pause_after(time.monotonic() - began, poll_seconds))
        job = client.job(job["id"])


def note_of(job: Job) -> str:
    """`mapping 40 %, about 12 s left`; the time only while there is an estimate of it."""
    if job["status"] in RESTING_JOB:
        return job["status"].replace("_", " ")
    eta = job.get("eta")
    seconds = eta["p50_seconds"] if eta else None
    left = f", about {seconds:.0f} s left" if seconds else ""
    return f"{job['current_phase']}, {_percent(job['progress'])}{left}"


def _percent(progress: float) -> str:
    """Of a fraction between 0 and 1."""
    return f"{min(max(progress, 0.0), 1.0):.0%}"
