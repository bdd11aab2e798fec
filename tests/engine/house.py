"""One tenant, its documents, and an engine whose queue, state machine and model a test holds in its hands."""

import datetime as dt
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from sqlalchemy import text

from census.adapters.postgres.database import PostgresDatabase
from census.adapters.rapidfuzz_quote_aligner import RapidfuzzQuoteAligner
from census.application.describe_job import describe_job
from census.application.dispatch_batches import dispatch_batches
from census.application.drain_dead_letters import drain_dead_batch
from census.application.fold_findings import FoldTools
from census.application.map_batch import BatchMessage, MapTools, batch_message, map_batch
from census.application.open_job import open_job
from census.application.plan_job import Planned, PlanTools, plan_job
from census.application.reconcile_work import ReconcileTools, reconcile_job
from census.application.reduce_job import reduce_job
from census.application.settle_job import cause_of_failure, settle_job
from census.application.start_job import start_job
from census.domain.extracted_text import ExtractedText
from census.domain.identity import Caller, sha256, upload_key
from census.domain.plan import JsonObject, Plan
from census.domain.windows import cut_windows
from census.ports.call_leases import CallLimits
from census.ports.file_store import NewFile
from census.ports.job_store import Job, JobQuestion
from census.ports.language_model import LanguageModel, Usage
from census.ports.text_store import NewText
from tests.fakes.memory_queue import MemoryQueue
from tests.fakes.memory_workflow import MemoryWorkflow
from tests.fakes.scripted_model import ScriptedLanguageModel

LEASE_SECONDS = 60
ROUNDS = 50


def price(usage: Usage) -> Decimal:
    """A cent a call, a thousandth of a cent a token."""
    return Decimal("0.01") * usage.calls + Decimal("0.00001") * (usage.input_tokens + usage.output_tokens)


@dataclass
class EngineHouse:
    """The engine of one tenant and user. Change `model` between steps as time goes on."""

    database: PostgresDatabase
    model: LanguageModel = field(default_factory=ScriptedLanguageModel)
    caller: Caller = field(default_factory=lambda: Caller(uuid.uuid4(), uuid.uuid4()))
    queue: MemoryQueue = field(default_factory=MemoryQueue)
    checks: MemoryQueue = field(default_factory=MemoryQueue)
    uploads: MemoryQueue = field(default_factory=MemoryQueue)
    fetches: MemoryQueue = field(default_factory=MemoryQueue)
    workflow: MemoryWorkflow = field(default_factory=MemoryWorkflow)
    price: Callable[[Usage], Decimal] = price
    limits: CallLimits | None = None
    strong_limits: CallLimits | None = None

    @property
    def tenant_id(self) -> uuid.UUID:
        return self.caller.tenant_id

    # Documents

    def add(
        self, name: str, content: str, *, source: str | None = None, window_tokens: int = 5000
    ) -> uuid.UUID:
        """A completed file; the same `source` (by default the content) shares one text."""
        file_id = self.announce(name)
        extracted = ExtractedText(content, None, (), (), "text/plain")
        windows = cut_windows(extracted, max_tokens=window_tokens, overlap_tokens=window_tokens // 8)
        new = NewText(sha256(source or content), extracted, 10, windows, [])
        with self.database.tenant(self.tenant_id) as work:
            saved = work.texts.save(new)
        self.set_file(file_id, status="completed", text_id=saved.text_id, received_at=dt.datetime.now(dt.UTC))
        return file_id

    def announce(self, name: str) -> uuid.UUID:
        """A file whose upload was not made yet."""
        file_id = uuid.uuid4()
        key = upload_key(self.tenant_id, file_id)
        with self.database.tenant(self.tenant_id) as work:
            work.conversations.ensure_profile(self.caller.user_id)
            work.files.add(NewFile(file_id, self.caller.user_id, name, None, None, None, (), key, 900))
        return file_id

    def set_file(self, file_id: uuid.UUID, **columns: object) -> None:
        assignments = ", ".join(f"{name} = :{name}" for name in columns)
        self.run(f"UPDATE knowledge_files SET {assignments} WHERE id = :id", id=file_id, **columns)

    def delete(self, file_id: uuid.UUID) -> None:
        with self.database.tenant(self.tenant_id) as work:
            work.files.delete(file_id)

    # Jobs

    def ask(self, plan: Plan | None, question: str = "How many?", **asked: Any) -> uuid.UUID:
        """A queued job whose execution runs."""
        with self.database.tenant(self.tenant_id) as work:
            work.conversations.ensure_profile(self.caller.user_id)
            conversation = work.conversations.add(self.caller.user_id, None)
            message = work.conversations.add_answer(conversation.id, None, None)
            deadline = asked.pop("deadline_seconds", 3600)
            new = JobQuestion(self.caller.user_id, conversation.id, message.id, question, plan, **asked)
            job_id = open_job(work, new, deadline)
            work.conversations.link_job(message.id, job_id)
        start_job(self.database, self.workflow, self.checks, self.tenant_id, job_id)
        return job_id

    def plan(self, job_id: uuid.UUID) -> Planned:
        """The first step of the job's execution."""
        tools = PlanTools(self.database, self.model, self.price)
        return plan_job(tools, self.tenant_id, job_id, self.job(job_id).started_generation)

    def dispatch(self, job_id: uuid.UUID) -> str:
        """The second step: the batches are sent; the token that the execution waits with."""
        job = self.job(job_id)
        token = self.workflow.wait_with_token(str(job.execution_arn))
        arguments = (self.tenant_id, job_id, job.started_generation, token)
        dispatch_batches(self.database, self.queue, self.workflow, *arguments)
        return token

    def map(self, messages: Sequence[JsonObject] | None = None, lease_seconds: int = LEASE_SECONDS) -> int:
        """One invocation of map_batch, over the messages that are due; how many there were."""
        taken = self.queue.receive() if messages is None else messages
        map_batch(self.map_tools(), [batch_message(message) for message in taken], lease_seconds)
        return len(taken)

    def map_all(self) -> None:
        """Invocations until no message is left, now or later."""
        for _ in range(ROUNDS):
            while self.map():
                pass
            if not self.queue.delays():
                return
            self.queue.advance(max(self.queue.delays()))
        raise AssertionError("The queue is never empty.")

    def follow(self, job_id: uuid.UUID, token: str) -> None:
        """What the state machine does after the wait, if its token was answered."""
        answer = self.workflow.answers.get(token)
        if answer is None:
            return
        generation = self.job(job_id).started_generation
        if answer.error is None:
            reduce_job(self.fold_tools(), self.tenant_id, job_id, generation)
        else:
            cause = cause_of_failure(answer.error, answer.cause)
            settle_job(self.database, self.model, self.tenant_id, job_id, cause, generation)
        self.workflow.end(str(self.job(job_id).execution_arn))

    def finish(self, job_id: uuid.UUID) -> JsonObject:
        """The whole execution; the job as people see it."""
        if self.plan(job_id).next == "dispatch":
            token = self.dispatch(job_id)
            self.map_all()
            self.follow(job_id, token)
        else:
            self.workflow.end(str(self.job(job_id).execution_arn))
        return self.shown(job_id)

    def answer(self, plan: Plan, **asked: Any) -> JsonObject:
        """Ask and finish."""
        return self.finish(self.ask(plan, **asked))

    def reconcile(self, job_id: uuid.UUID) -> None:
        """A check of the job that is due."""
        self.set_job(job_id, next_check_at=None)
        reconcile_job(self.reconcile_tools(), self.tenant_id, job_id)

    def drain(self, message: JsonObject, times_received: int) -> None:
        drain_dead_batch(self.map_tools(), batch_message(message), times_received, LEASE_SECONDS)

    # What there is

    def job(self, job_id: uuid.UUID) -> Job:
        with self.database.tenant(self.tenant_id) as work:
            return work.jobs.get(job_id)

    def shown(self, job_id: uuid.UUID) -> JsonObject:
        """The job as GET /jobs/{id} shows it."""
        with self.database.tenant(self.tenant_id) as work:
            return describe_job(work, self.caller.user_id, job_id)

    def set_job(self, job_id: uuid.UUID, **columns: Any) -> None:
        with self.database.tenant(self.tenant_id) as work:
            work.jobs.change(job_id, **columns)

    def classes(self, job_id: uuid.UUID) -> dict[str, tuple[str, str | None]]:
        """Class and reason by document name."""
        with self.database.tenant(self.tenant_id) as work:
            return {r.source_name: (str(r.status), r.reason) for r in work.items.rows(job_id, 0, 1000)}

    def scalar(self, statement: str, **values: object) -> Any:
        with self.database.tenant(self.tenant_id) as work:
            return work.session.scalar(text(statement), values)

    def run(self, statement: str, **values: object) -> None:
        with self.database.tenant(self.tenant_id) as work:
            work.session.execute(text(statement), values)

    def expire_claims(self, job_id: uuid.UUID) -> None:
        """The workers that hold claims of the job are dead, and their time is up."""
        self.run(
            "UPDATE job_batches SET claimed_until = now() - interval '1 second',"
            " sent_at = LEAST(sent_at, now() - interval '1 minute')"
            " WHERE job_id = :job AND claimed_until IS NOT NULL",
            job=job_id,
        )

    def message(self, job_id: uuid.UUID, batch: int) -> JsonObject:
        return BatchMessage(self.tenant_id, job_id, batch).to_json(1)

    def map_tools(self) -> MapTools:
        aligner = RapidfuzzQuoteAligner()
        tools = MapTools(self.database, self.model, aligner, self.queue, self.workflow, self.price)
        return replace(tools, limits=self.limits, strong_limits=self.strong_limits or self.limits)

    def fold_tools(self) -> FoldTools:
        return FoldTools(self.database, self.model, price)

    def reconcile_tools(self) -> ReconcileTools:
        return ReconcileTools(
            self.database,
            self.model,
            self.workflow,
            self.queue,
            self.uploads,
            self.fetches,
            self.checks,
            20,
        )
