"""Bring lost work back. Messages, tokens and executions are hints; the database says what is open.

While a job is open, one delayed message after another asks for a check of it; an hourly sweep (sweep.py)
finds jobs and files whose messages were lost. An idle deployment is woken by nothing else.
"""

import datetime as dt
import logging
import uuid
from dataclasses import dataclass

from census.application.dispatch_batches import send_batches
from census.application.map_batch import BatchMessage
from census.application.remove_leftovers import Stores
from census.application.settle_job import DEADLINE, cause_of_failure, settle_job
from census.application.signal_job import signal_job
from census.application.start_job import job_check, start_execution
from census.domain.errors import NotFoundError
from census.domain.jobs import JobPhase, JobStatus
from census.domain.measures import RECONCILED
from census.domain.upload_claims import FileStatus
from census.domain.upload_events import reminder
from census.ports.job_store import Job, Late
from census.ports.language_model import LanguageModel
from census.ports.metrics import UNMEASURED, Metrics, count
from census.ports.queue import Queue
from census.ports.unit_of_work import Database
from census.ports.workflow import ExecutionState, Workflow

log = logging.getLogger(__name__)

AT_ONCE = 500
YOUNG_SECONDS = 15
"""A job this young may still be on its way to its execution."""
EMPTY_QUEUE = Late(come_back=30, unread=30)
"""A message due for so long, in a queue that is empty, is lost."""
BUSY_QUEUE = Late(come_back=15 * 60, unread=2 * 60 * 60)
"""In one that other jobs fill it may merely wait; on a busy deployment nobody ever sees the queue empty."""
MOST_GENERATIONS = 100
"""A job whose executions end without ending it is settled at last, not started for ever."""


@dataclass(frozen=True)
class ReconcileTools:
    """What reconcile_work works with."""

    database: Database
    model: LanguageModel
    workflow: Workflow
    map_queue: Queue
    ingest_queue: Queue
    scrape_queue: Queue
    reconcile_queue: Queue
    every_seconds: int
    metrics: Metrics = UNMEASURED
    stores: Stores | None = None


def reconcile_file(tools: ReconcileTools, tenant_id: uuid.UUID, file_id: uuid.UUID) -> None:
    """Remind ingestion of a file that is not finished: it reads what came and ends what never came."""
    with tools.database.tenant(tenant_id) as work:
        state = work.ingest.lock(file_id)
    if state is not None and state.status in (FileStatus.PENDING, FileStatus.PROCESSING):
        tools.ingest_queue.send(reminder(tenant_id, file_id))


def reconcile_job(tools: ReconcileTools, tenant_id: uuid.UUID, job_id: uuid.UUID) -> None:
    """Do for a job whatever nobody else will, and ask for the next check while it is open."""
    with tools.database.system() as work:
        if not work.open_work.take_check(tenant_id, job_id, tools.every_seconds):
            return
    tools.reconcile_queue.send(job_check(tenant_id, job_id), delay_seconds=tools.every_seconds)
    try:
        with tools.database.tenant(tenant_id) as work:
            job = work.jobs.get(job_id)
    except NotFoundError:
        return
    action = _repair(tools, job)
    if action:
        log.warning("Reconciled a job: %s", action, extra={"job_id": str(job_id), "action": action})


def _repair(tools: ReconcileTools, job: Job) -> str | None:
    now = dt.datetime.now(dt.UTC)
    if job.deadline_at is not None and job.deadline_at <= now:
        settle_job(tools.database, tools.model, job.tenant_id, job.id, DEADLINE)
        if job.execution_arn:
            tools.workflow.stop(job.execution_arn, DEADLINE.message)
        return _noted(tools, "deadline", "ended at its deadline")
    if job.status is JobStatus.AWAITING_APPROVAL:
        return None
    if not _execution_runs(tools, job, now):
        return _give_up(tools, job) if job.generation >= MOST_GENERATIONS else _restart(tools, job)
    if job.phase is not JobPhase.MAPPING:
        return None
    if signal_job(tools.database, tools.workflow, job.tenant_id, job.id):
        return _noted(tools, "signalled", "signalled its last batch")
    sent = _send_lost(tools, job)
    return _noted(tools, "sent_again", f"sent {sent} batches again") if sent else None


def _noted(tools: ReconcileTools, action: str, told: str) -> str:
    count(tools.metrics, RECONCILED, Action=action)
    return told


def _give_up(tools: ReconcileTools, job: Job) -> str:
    cause = cause_of_failure("Census.NoExecution", "")
    settle_job(tools.database, tools.model, job.tenant_id, job.id, cause)
    return _noted(tools, "gave_up", "settled it: its executions end without ending it")


def _execution_runs(tools: ReconcileTools, job: Job, now: dt.datetime) -> bool:
    if job.execution_arn is None:
        return (now - job.created_at).total_seconds() < YOUNG_SECONDS
    return tools.workflow.state(job.execution_arn) is ExecutionState.RUNNING


def _restart(tools: ReconcileTools, job: Job) -> str:
    if job.execution_arn is None and job.started_generation == job.generation:
        start_execution(tools.database, tools.workflow, job.tenant_id, job.id)
        return _noted(tools, "started", "started its execution")
    with tools.database.tenant(job.tenant_id) as work:
        current = work.jobs.get(job.id, lock=True)
        if current.status.final or current.generation != job.generation:
            return "left alone: it went on meanwhile"
        generation = work.jobs.raise_generation(job.id)
    start_execution(tools.database, tools.workflow, job.tenant_id, job.id)
    return _noted(tools, "restarted", f"started generation {generation}")


def _send_lost(tools: ReconcileTools, job: Job) -> int:
    unsent = send_batches(tools.database, tools.map_queue, job.tenant_id, job.id, job.generation)
    late = EMPTY_QUEUE if tools.map_queue.is_empty() else BUSY_QUEUE
    with tools.database.tenant(job.tenant_id) as work:
        lost = work.batches.lost(job.id, late, AT_ONCE)
    messages = [BatchMessage(job.tenant_id, job.id, o).to_json(job.generation) for o in lost]
    sent = tools.map_queue.send_many(messages) if messages else 0
    with tools.database.tenant(job.tenant_id) as work:
        work.batches.mark_sent(job.id, lost[:sent], job.generation)
    return unsent + sent
