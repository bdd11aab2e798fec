"""A job as the HTTP interface shows it (api.md)."""

import datetime as dt
import json
import uuid
from decimal import Decimal

from census.domain.cursor import Cursor, PageRequest
from census.domain.errors import NotFoundError
from census.domain.jobs import Eta, JobPhase, estimate_eta
from census.domain.pages import iso_utc, page_to_json
from census.domain.plan import JsonObject
from census.ports.job_store import Job
from census.ports.unit_of_work import TenantWork

MOST_CHARACTERS_A_PAGE = 3_000_000
"""Half of what a function's answer may hold, as a list is made JSON once more."""


def describe_job(work: TenantWork, user_id: uuid.UUID, job_id: uuid.UUID) -> JsonObject:
    """One of the user's jobs. Raises NotFoundError, also for another user's."""
    job = work.jobs.get(job_id)
    if job.user_id != user_id:
        raise NotFoundError("job", job_id)
    return job_to_json(job, dt.datetime.now(dt.UTC))


def job_to_json(job: Job, now: dt.datetime) -> JsonObject:
    """The job as api.md gives it, at this time."""
    return {
        "id": str(job.id),
        "conversation_id": str(job.conversation_id),
        "message_id": str(job.message_id) if job.message_id else None,
        "job_type": job.job_type,
        "user_query": job.question,
        "status": job.status.value,
        "current_phase": job.phase.value,
        **_counters(job),
        "intent_data": job.plan,
        "cost": _cost(job),
        "eta": _eta(job, now),
        **_outcome(job),
        "created_at": iso_utc(job.created_at),
        "started_at": iso_utc(job.started_at),
        "completed_at": iso_utc(job.completed_at),
        "actual_duration_seconds": job.actual_duration_seconds,
    }


def _counters(job: Job) -> JsonObject:
    return {
        "progress": job.progress,
        "total_items": job.total_items,
        "processed_items": job.processed_items,
        "total_batches": job.total_batches,
        "processed_batches": job.processed_batches,
        "failed_batches": job.failed_batches,
    }


def _cost(job: Job) -> JsonObject:
    return {
        "estimated_usd": _range(job.estimated_low_usd, job.estimated_high_usd),
        "spent_usd": _number(job.spent_usd),
        "cap_usd": _number(job.cap_usd),
    }


def _outcome(job: Job) -> JsonObject:
    ended = job.status.final
    return {
        "result": job.result if ended else None,
        "aggregation_details": job.aggregation_details if ended else None,
        "intermediate_results": job.intermediate_results,
        "error_message": job.error_message,
        "error_details": job.error_details,
    }


def _eta(job: Job, now: dt.datetime) -> JsonObject:
    """Nulls as long as nothing is known."""
    eta = Eta(0, 0) if job.status.final else _time_left(job, now)
    return {
        "p50_seconds": eta.p50_seconds if eta else None,
        "p90_seconds": eta.p90_seconds if eta else None,
    }


def _time_left(job: Job, now: dt.datetime) -> Eta | None:
    """While documents are read: by the tokens read until progress was shown last, less the time since."""
    if job.phase is not JobPhase.MAPPING or job.mapping_since is None or job.shown_at is None:
        return None
    elapsed, since = (job.shown_at - job.mapping_since).total_seconds(), (now - job.shown_at).total_seconds()
    open_tokens, done = job.planned_tokens - job.read_tokens, job.processed_batches + job.failed_batches
    eta = estimate_eta(max(0.0, elapsed), job.read_tokens, open_tokens, done)
    return eta.after(round(since)) if eta else None


def _range(low: Decimal | None, high: Decimal | None) -> JsonObject:
    return {"low": _number(low), "high": _number(high)}


def _number(value: Decimal | None) -> float | None:
    return None if value is None else float(value)


def list_jobs(work: TenantWork, user_id: uuid.UUID, status: str | None, request: PageRequest) -> JsonObject:
    """A page of the user's jobs, newest first by (created_at, id).

    Answers may hold tables of thousands of rows, and a reply can carry only so many: where the page grows too
    large the further jobs come without table and citations (null and empty).
    """
    before = (request.after.at, request.after.id) if request.after else None
    jobs = work.jobs.page(user_id, status, request.limit + 1, before)
    now, carried = dt.datetime.now(dt.UTC), 0

    def shown(job: Job) -> JsonObject:
        nonlocal carried
        whole = job_to_json(job, now)
        carried += len(json.dumps(whole))
        return whole if carried <= MOST_CHARACTERS_A_PAGE else _brief(whole)

    return page_to_json(jobs, request.limit, shown, lambda job: Cursor(job.created_at, job.id))


def _brief(job: JsonObject) -> JsonObject:
    result = job["result"]
    if result is not None:
        result = {**result, "table": None, "citations": []}
    return {**job, "result": result, "intermediate_results": None}
