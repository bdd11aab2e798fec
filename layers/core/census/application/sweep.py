"""Once an hour: find open work whose messages were lost, and clear away what nobody asks for any more."""

import logging
import uuid
from collections.abc import Callable
from functools import partial

from census.application.reconcile_work import AT_ONCE, ReconcileTools, reconcile_file, reconcile_job
from census.application.remove_leftovers import remove_leftovers
from census.domain.measures import SWEEPS_DONE, WORK_BROKEN_OFF
from census.domain.page_claims import page_reminder
from census.ports.metrics import count

log = logging.getLogger(__name__)

SWEEP_AGAIN_SECONDS = 120
SWEEPS_AGAIN = 30
"""Together an hour: until the next scheduled sweep."""

KEYS_KEPT_DAYS = 7
"""An Idempotency-Key outlives its job: no deadline is longer."""


def sweep(tools: ReconcileTools, again: int = SWEEPS_AGAIN) -> int:
    """Check everything that is open and due; how many jobs, files and pages.

    One row that cannot be handled stops no other. While documents are being read it asks for another sweep
    soon, `again` times at the most: a worker that died with the queue behind it leaves only an expired claim.
    Raises UnavailableError without a database, and what went wrong where it went wrong with every row.
    """
    with tools.database.system() as work:
        jobs = work.open_work.due_jobs(AT_ONCE)
        files = work.open_work.stuck_files(AT_ONCE)
        pages = work.open_work.stuck_pages(AT_ONCE)
        reading = work.open_work.documents_in_hand()
        unused = work.open_work.unused_texts(AT_ONCE)
        work.open_work.forget_idempotency_keys(KEYS_KEPT_DAYS)
    if reading and again:
        tools.reconcile_queue.send({"sweep_again": again - 1}, delay_seconds=SWEEP_AGAIN_SECONDS)
    rows: list[Callable[[], object]] = [
        partial(reconcile_job, tools, job.tenant_id, job.job_id) for job in jobs
    ]
    rows += [partial(reconcile_file, tools, *file) for file in files]
    if pages:
        rows.append(partial(tools.scrape_queue.send_many, [page_reminder(*page) for page in pages]))
    rows += [partial(_drop_unused, tools, *text) for text in unused]
    _handle_each(tools, [*rows, *_leftovers(tools)])
    count(tools.metrics, SWEEPS_DONE)
    return len(jobs) + len(files) + len(pages)


def _drop_unused(tools: ReconcileTools, tenant_id: uuid.UUID, text_id: uuid.UUID) -> None:
    with tools.database.tenant(tenant_id) as work:
        work.texts.drop_unused(text_id)


def _leftovers(tools: ReconcileTools) -> list[Callable[[], object]]:
    """What was deleted here and could not be deleted elsewhere at the time."""
    if tools.stores is None:
        return []
    with tools.database.system() as work:
        tenants = work.open_work.tenants_with_removals(AT_ONCE)
    return [partial(remove_leftovers, tools.stores, tenant_id) for tenant_id in tenants]


def _handle_each(tools: ReconcileTools, rows: list[Callable[[], object]]) -> None:
    broken: list[Exception] = []
    for handle in rows:
        try:
            handle()
        except Exception as error:  # whatever it is, the other rows are not to blame
            log.exception("A row could not be handled; the next sweep tries again.")
            count(tools.metrics, WORK_BROKEN_OFF)
            broken.append(error)
    if broken and len(broken) == len(rows):
        raise broken[0]
