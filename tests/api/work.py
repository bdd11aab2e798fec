"""Leads a job from the question to the answer within the test process, by the steps of the state machine."""

import uuid
from dataclasses import replace

from census import bootstrap
from census.application.dispatch_batches import dispatch_batches
from census.application.map_batch import BatchMessage, map_batch
from census.application.plan_job import plan_job
from census.application.reduce_job import reduce_job
from census.domain.plan import JsonObject
from census.ports.workflow import SignalResult
from tests.api.documents import ALICE


class _DeafWorkflow:
    """Answers every signal, as there is no execution to go on."""

    def signal_success(self, task_token: str, output: JsonObject) -> SignalResult:
        return SignalResult.SENT


def answer_job(job_id: str) -> None:
    """Plan, dispatch, read every batch, reduce."""
    job, tenant = uuid.UUID(job_id), ALICE.tenant_id
    workflow: object = _DeafWorkflow()
    plan_job(bootstrap.plan_tools(), tenant, job, 1)
    dispatch_batches(
        bootstrap.database(),
        bootstrap.map_queue(),
        workflow,  # type: ignore[arg-type]
        tenant,
        job,
        1,
        "token",
    )
    with bootstrap.database().tenant(tenant) as work:
        batches = work.jobs.get(job).remaining or 0
    messages = [BatchMessage(tenant, job, ordinal) for ordinal in range(1, batches + 1)]
    map_batch(replace(bootstrap.map_tools(), workflow=workflow), messages, 60)  # type: ignore[arg-type]
    reduce_job(bootstrap.fold_tools(lambda: 300_000), tenant, job, 1)
