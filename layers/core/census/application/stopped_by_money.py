"""How a job ends that money stopped: partial, the rest skipped, to go on with a higher limit."""

from typing import TypedDict

from census.application.end_job import Cause
from census.application.judge_items import Unread
from census.domain.jobs import JobStatus
from census.domain.ledger import LedgerClass, SkipReason
from census.ports.job_store import Job


class Ending(TypedDict, total=False):
    """Arguments of end_job; none for a job that money did not stop."""

    unread: Unread
    cause: Cause
    status: JobStatus


def ending_of(job: Job) -> Ending:
    """How a job whose batches are all recorded or skipped has to end."""
    if job.stopped_by is None:
        return {}
    return Ending(unread=unread_of(job), cause=_cause(job), status=JobStatus.PARTIAL)


def unread_of(job: Job) -> Unread:
    """The class of documents that no batch was read for."""
    return Unread(LedgerClass.SKIPPED, SkipReason.CAP.value) if job.stopped_by else Unread()


def _cause(job: Job) -> Cause:
    spent = f"${job.spent_usd:.4f} is spent"
    held = f", ${job.reserved_usd:.4f} held by calls that never reported back" if job.reserved_usd else ""
    if job.stopped_by == "budget":
        return Cause(
            "budget", f"The budget is used up: {spent} on this job{held}. Retry it when there is more."
        )
    return Cause(
        "cap",
        f"The job reached its cap of ${job.cap_usd or 0:.4f}: {spent}{held}. "
        "Retry it with a higher max_cost_usd; what was read is kept.",
    )
