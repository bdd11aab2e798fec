"""Once an hour: find open work whose messages were lost, and clear away what nobody asks for any more."""

import logging
from collections.abc import Callable
from functools import partial

from census.application.reconcile_work import AT_ONCE, ReconcileTools, reconcile_file, reconcile_job
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
        work.open_work.forget_idempotency_keys(KEYS_KEPT_DAYS)
    if reading and again:
        tools.reconcile_queue.send({"sweep_again": again - 1}, delay_seconds=SWEEP_AGAIN_SECONDS)
    rows: list[Callable[[], object]] = [
        partial(reconcile_job, tools, job.tenant_id, job.job_id) for job in jobs
    ]
    rows += [partial(reconcile_file, tools, *file) for file in files]
    if pages:
        rows.append(partial(tools.scrape_queue.send_many, [page_reminder(*page) for page in pages]))
    _handle_each(tools, rows)
    count(tools.metrics, SWEEPS_DONE)
    return len(jobs) + len(files) + len(pages)


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
