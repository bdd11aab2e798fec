"""End a job: judge what is left, balance the ledger, let SQL compute the figures, write the answer.

The same for every end. What differs is the class of the documents that were never read, and the cause.
"""

import datetime as dt
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from census.application.judge_items import Unread, judge_items
from census.domain.answers import NOT_FOLDED, Told, answer_text, compare_rows, make_table, order_of
from census.domain.facts import JobEnded
from census.domain.jobs import JobStatus, final_status
from census.domain.ledger import NO_DOCUMENT, Bounds, Ledger, count_bounds, make_ledger
from census.domain.normal_forms import merge_suggestions
from census.domain.plan import JsonObject, Kind, Plan, Transform, Unit
from census.domain.plan_codec import plan_from_json
from census.domain.readings import cache_key
from census.ports.job_store import Job
from census.ports.language_model import LanguageModel
from census.ports.unit_of_work import TenantWork

Classes = Mapping[tuple[str, str | None], int]
"""Documents by class and reason."""
CITATIONS_SHOWN = 100
QUOTES_A_DOCUMENT = 3
UNREADABLE = "unreadable"


@dataclass(frozen=True)
class Cause:
    """Why a job ended early, for the person who asked: a stable code, and what happened and what to do."""

    code: str
    message: str


NOT_PLANNED = Cause("not_planned", "The job ended before it was planned; ask again.")


def end_job(
    work: TenantWork,
    job: Job,
    model: LanguageModel,
    *,
    unread: Unread | None = None,
    cause: Cause | None = None,
    status: JobStatus | None = None,
    told: Told = NOT_FOLDED,
) -> JobStatus:
    """End a job that has not ended; the state it is in afterwards. `job` must be locked by this transaction.

    `unread` classifies documents without readings (default: failed), `cause` explains an early end,
    `status` overrides what the ledger says, `told` is what the findings were folded to. Raises LedgerError
    rather than answer from a wrong ledger.
    """
    if job.status.final:
        return job.status
    if job.plan is None or job.pinned_at is None:
        return _end_unplanned(work, job, cause or NOT_PLANNED, status or JobStatus.FAILED)
    plan = plan_from_json(job.plan)
    judge_items(work, job.id, plan, atom_keys(plan, model), unread or Unread())
    if plan.kind is Kind.THEMES and told.missing:
        work.reductions.assign_labels(job.id)
    answer = _answer(work, job, plan, told)
    ended = status or final_status(answer.ledger, _never_readable(answer.details))
    gaps = cause or _cause_of_gaps(answer.ledger, answer.details)
    cause = None if ended is JobStatus.COMPLETED else gaps
    work.jobs.end(job.id, ended, answer=answer.result["answer"], columns=_columns(job, answer, ended, cause))
    work.note(_ended(job, ended, _classes(answer.ledger)))
    return ended


def atom_keys(plan: Plan, model: LanguageModel) -> dict[str, str]:
    """What the plan's atoms are cached by, by their names."""
    return {atom.name: cache_key(atom, model.name, model.contract_version) for atom in plan.atoms}


@dataclass(frozen=True)
class _Answer:
    result: JsonObject
    details: JsonObject
    ledger: Ledger


def _columns(job: Job, answer: _Answer, ended: JobStatus, cause: Cause | None) -> JsonObject:
    return {
        "result": answer.result,
        "aggregation_details": answer.details,
        "processed_items": answer.ledger.total - _never_read(answer.details),
        "progress": 1.0 if ended is JobStatus.COMPLETED else job.progress,
        "error_message": cause.message if cause else None,
        "error_details": {"code": cause.code} if cause else None,
    }


def _end_unplanned(work: TenantWork, job: Job, cause: Cause, status: JobStatus) -> JobStatus:
    end_failed(work, job, cause.code, cause.message, status)
    return status


def ledger_of(work: TenantWork, job: Job) -> Ledger:
    """The ledger of a job that is judged. Raises LedgerError unless every document is in one class."""
    return make_ledger(job.total_items, _by_class(work.items.classes(job.id)))


def _answer(work: TenantWork, job: Job, plan: Plan, told: Told) -> _Answer:
    classes = work.items.classes(job.id)
    ledger = make_ledger(job.total_items, _by_class(classes))
    details = _details(work, job, plan, classes)
    bounds = _bounds(plan, ledger, details)
    table = make_table(plan, figure_rows(work, job.id, plan))
    model = job.model or "unknown"
    result = {
        "answer": answer_text(plan, ledger, bounds, table, model, told),
        "table": table.to_json(),
        "ledger": ledger.to_json(),
        "bounds": {"low": bounds.low, "high": bounds.high} if bounds else None,
        "citations": _citations(work, job.id),
        "model": model,
    }
    return _Answer(result, details, ledger)


def figure_rows(work: TenantWork, job_id: uuid.UUID, plan: Plan) -> list[list[Any]]:
    """The rows of a plan's table, by SQL over what is judged."""
    if plan.kind is Kind.COMPARE:
        return compare_rows(plan, work.items.compared(job_id))
    return work.items.aggregate(job_id, plan, order_of(plan))


def _details(work: TenantWork, job: Job, plan: Plan, classes: Classes) -> JsonObject:
    """What the answer leaves out: why documents have no verdict, and which values count as one."""
    details: JsonObject = {
        "skipped": _reasons(classes, "skipped"),
        "failed": _reasons(classes, "failed"),
        "predicate": plan.predicate,
        "calls": job.calls,
    }
    if plan.group_by is None or plan.group_by.transform is not Transform.VALUE:
        return details
    groups = work.items.spellings(job.id)
    one_of_many = {group.label: list(group.spellings) for group in groups if len(group.spellings) > 1}
    return {**details, "merged": one_of_many, "suggested_merges": merge_suggestions(groups)}


def _bounds(plan: Plan, ledger: Ledger, details: JsonObject) -> Bounds | None:
    """Only documents are bounded: how often an unread one says something nobody knows."""
    if not plan.kind.counts or plan.unit is not Unit.DOCUMENT:
        return None
    return count_bounds(ledger, _gone(details))


def _by_class(classes: Classes) -> dict[str, int]:
    counts: dict[str, int] = {}
    for (status, _), documents in classes.items():
        counts[status] = counts.get(status, 0) + documents
    return counts


def _reasons(classes: Classes, wanted: str) -> dict[str, int]:
    return {reason or "unknown": n for (status, reason), n in classes.items() if status == wanted}


def _never_readable(details: JsonObject) -> int:
    """Documents that no retry could read: unreadable before the job, or none any more."""
    return int(details["failed"].get(UNREADABLE, 0)) + _gone(details)


def _gone(details: JsonObject) -> int:
    return sum(details["skipped"].get(reason.value, 0) for reason in NO_DOCUMENT)


def _cause_of_gaps(ledger: Ledger, details: JsonObject) -> Cause:
    """Why documents have no verdict, when nothing but their own reasons says it: the commonest of them."""
    reasons: dict[str, int] = {**details["skipped"], **details["failed"]}
    commonest = max(reasons, key=lambda reason: reasons[reason], default="unknown")
    told = (
        f"{ledger.incomplete} of {ledger.total} documents have no verdict, most of them because: {commonest}"
    )
    return Cause("not_all_read", f"{told.rstrip('.')}. Retry the job to read them.")


def _never_read(details: JsonObject) -> int:
    return sum(details["skipped"].values())


def _citations(work: TenantWork, job_id: uuid.UUID) -> list[JsonObject]:
    citations: list[JsonObject] = []
    for row in work.items.rows(job_id, 0, CITATIONS_SHOWN, matches_only=True):
        source = {
            "source_kind": row.source_kind,
            "source_id": str(row.source_id),
            "source_name": row.source_name,
        }
        citations += [{**source, **quote} for quote in row.quotes[:QUOTES_A_DOCUMENT]]
    return citations[:CITATIONS_SHOWN]


def end_failed(
    work: TenantWork,
    job: Job,
    code: str,
    message: str,
    status: JobStatus = JobStatus.FAILED,
    *,
    remainder: int = 0,
) -> None:
    """End a job without an answer, with the cause on the row and in the waiting message.

    `remainder`: documents that its ledger could not place.
    """
    columns: dict[str, Any] = {"error_message": message, "error_details": {"code": code}}
    work.jobs.end(job.id, status, answer=message, columns=columns)
    work.note(_ended(job, status, {}, remainder))


def _ended(job: Job, status: JobStatus, classes: Mapping[str, int], remainder: int = 0) -> JobEnded:
    seconds = (dt.datetime.now(dt.UTC) - (job.started_at or job.created_at)).total_seconds()
    return JobEnded(status, max(0.0, seconds), job.spent_usd, classes, remainder)


def _classes(ledger: Ledger) -> dict[str, int]:
    return {name: documents for name, documents in ledger.to_json().items() if name != "total"}
