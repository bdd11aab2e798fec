"""Any life of a job, against a plain reference: lost and repeated messages, deaths, caps and budgets.

The reference knows which documents were read, which died, and nothing of generations, claims or tokens.
"""

import datetime as dt
from decimal import Decimal

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from census.adapters.postgres.database import PostgresDatabase
from census.domain.jobs import JobStatus
from census.domain.plan import JsonObject
from census.ports.job_store import BatchKey
from tests.engine.going_on import cancel, claimed_batches, documents_of_batches, retry
from tests.engine.house import EngineHouse
from tests.engine.plans import count
from tests.engine.started_jobs import add_audits
from tests.fakes.scripted_model import ScriptedLanguageModel

DOCUMENTS = 3
PLENTY = Decimal(10)


class JobLife(RuleBasedStateMachine):
    """One job over three documents, each a batch of its own."""

    def __init__(self, database: PostgresDatabase) -> None:
        super().__init__()
        self.house = EngineHouse(database)
        self.model = self.house.model = ScriptedLanguageModel()
        self.token = ""
        self.delivered: list[JsonObject] = []
        self.read: set[int] = set()
        self.dead: set[int] = set()
        self.capped = self.poor = False
        self.progress = 0.0

    @initialize()
    def ask(self) -> None:
        add_audits(self.house, DOCUMENTS)
        self.job_id = self.house.ask(count("audit"))
        self.lead()

    def lead(self) -> None:
        """What a new execution does first."""
        if self.house.plan(self.job_id).next == "dispatch":
            self.token = self.house.dispatch(self.job_id)
        self.documents = documents_of_batches(self.house, self.job_id)

    @property
    def status(self) -> JobStatus:
        return self.house.job(self.job_id).status

    @property
    def broke(self) -> bool:
        """Whether there is no money for another call."""
        return self.capped or self.poor

    def is_open(self) -> bool:
        return not self.status.final

    def _deliver(self, messages: list[JsonObject]) -> None:
        """The reference: what comes while the job is open is read, unless it died or a worker has it."""
        if self.is_open() and not self.broke:
            claimed = claimed_batches(self.house, self.job_id)
            for message in messages:
                document = self.documents.get(message["batch"])
                if document is not None and message["batch"] not in claimed and document not in self.dead:
                    self.read.add(document)
        self.house.map(messages)
        self.delivered += messages

    @rule(most=st.integers(1, 3))
    def deliver(self, most: int) -> None:
        self._deliver(self.house.queue.receive(most))

    @precondition(lambda self: self.delivered)
    @rule(data=st.data())
    def deliver_again(self, data: st.DataObject) -> None:
        self._deliver([data.draw(st.sampled_from(self.delivered))])

    @rule()
    def lose_all_messages(self) -> None:
        self.house.queue.lose_everything()

    @precondition(lambda self: self.is_open())
    @rule(batch=st.integers(1, 6))
    def claim_and_die(self, batch: int) -> None:
        with self.house.database.tenant(self.house.tenant_id) as work:
            work.batches.claim([BatchKey(self.job_id, batch)], 60)

    @rule()
    def let_time_pass(self) -> None:
        self.house.expire_claims(self.job_id)
        self.house.run("UPDATE job_batches SET sent_at = sent_at - interval '1 minute'")

    @precondition(lambda self: self.is_open())
    @rule()
    def dispatch_again(self) -> None:
        self.token = self.house.dispatch(self.job_id)

    @precondition(lambda self: self.is_open())
    @rule(data=st.data())
    def die_for_good(self, data: st.DataObject) -> None:
        batch = data.draw(st.sampled_from(sorted(self.documents)))
        if self.documents[batch] not in self.read:
            self.dead.add(self.documents[batch])
        self.house.drain(self.house.message(self.job_id, batch), times_received=2)

    @precondition(lambda self: self.is_open())
    @rule()
    def check(self) -> None:
        generation = self.house.job(self.job_id).started_generation
        self.house.reconcile(self.job_id)
        if self.house.job(self.job_id).started_generation != generation:
            self.lead()

    @precondition(lambda self: self.is_open())
    @rule()
    def lose_the_execution(self) -> None:
        self.house.workflow.end(str(self.house.job(self.job_id).execution_arn))

    @precondition(lambda self: self.is_open())
    @rule()
    def follow(self) -> None:
        self.house.follow(self.job_id, self.token)

    @precondition(lambda self: self.is_open())
    @rule()
    def cancel(self) -> None:
        cancel(self.house, self.job_id)

    @precondition(lambda self: self.is_open())
    @rule()
    def reach_the_deadline(self) -> None:
        self.house.set_job(self.job_id, deadline_at=dt.datetime.now(dt.UTC))
        self.house.reconcile(self.job_id)
        assert self.status.final

    @precondition(lambda self: self.is_open())
    @rule()
    def reach_the_cap(self) -> None:
        self.capped = True
        self.house.set_job(self.job_id, cap_usd=self.house.job(self.job_id).spent_usd)

    @precondition(lambda self: not self.poor)
    @rule()
    def use_up_the_budget(self) -> None:
        self.poor = True
        self.house.run(
            "INSERT INTO budgets (subject, daily_usd) VALUES (:user, 0)", user=self.house.caller.user_id
        )

    @precondition(lambda self: self.poor)
    @rule()
    def get_a_budget(self) -> None:
        self.poor = False
        self.house.run("DELETE FROM budgets")

    @precondition(lambda self: self.status in (JobStatus.PARTIAL, JobStatus.FAILED))
    @rule(raising=st.booleans())
    def retry(self, raising: bool) -> None:
        self.house.set_job(self.job_id, started_at=self.house.job(self.job_id).created_at)
        self.house.set_job(
            self.job_id, deadline_at=self.house.job(self.job_id).created_at + dt.timedelta(hours=1)
        )
        retry(self.house, self.job_id, PLENTY if raising else None)
        self.capped = self.capped and not raising
        self.dead.clear()
        self.lead()

    @invariant()
    def the_counters_are_those_of_the_batches(self) -> None:
        if not hasattr(self, "job_id"):
            return
        job = self.house.job(self.job_id)
        count = "SELECT count(*) FROM job_batches WHERE job_id = :job AND outcome"
        assert job.remaining == self.house.scalar(f"{count} IS NULL", job=job.id)
        assert job.processed_batches == self.house.scalar(f"{count} = 'done'", job=job.id)
        assert job.failed_batches == self.house.scalar(f"{count} = 'failed'", job=job.id)
        skipped = self.house.scalar(f"{count} = 'skipped'", job=job.id)
        counted = (job.remaining or 0) + job.processed_batches + job.failed_batches
        assert job.total_batches == counted + skipped
        assert not skipped or job.stopped_by
        assert job.progress >= self.progress
        self.progress = job.progress

    @invariant()
    def nothing_is_read_twice(self) -> None:
        assert self.model.calls == len(self.read)

    @invariant()
    def an_answer_is_what_the_reference_says(self) -> None:
        if not hasattr(self, "job_id") or not self.status.final:
            return
        ledger = self.house.shown(self.job_id)["result"]["ledger"]
        assert ledger["match"] == len(self.read)
        assert ledger["failed"] + ledger["skipped"] == DOCUMENTS - len(self.read)
        if self.status is JobStatus.COMPLETED:
            assert len(self.read) == DOCUMENTS

    def teardown(self) -> None:
        """However it stands, help comes: the job ends, and all that did not die is read."""
        if not hasattr(self, "job_id") or self.status.final:
            return
        self.house.run("DELETE FROM budgets")
        self.house.set_job(self.job_id, cap_usd=None)
        self.capped = self.poor = False
        for _ in range(4):
            self.let_time_pass()
            if self.is_open():
                self.check()
            self.house.map_all()
            if self.is_open():
                self.follow()
        job = self.house.shown(self.job_id)
        assert job["status"] in ("completed", "partial", "failed")
        stopped = self.house.job(self.job_id).stopped_by
        read = len(self.read) if stopped else DOCUMENTS - len(self.dead)
        assert job["result"]["ledger"]["match"] == read


def test_any_life_of_a_job_ends_with_the_answer_that_a_plain_reference_gives(
    shared_database: PostgresDatabase,
) -> None:
    class Life(JobLife):
        def __init__(self) -> None:
            super().__init__(shared_database)

    few = settings(
        max_examples=15, stateful_step_count=15, deadline=None, suppress_health_check=list(HealthCheck)
    )
    run_state_machine_as_test(Life, settings=few)
