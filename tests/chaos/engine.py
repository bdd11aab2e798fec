"""Jobs by seed, with everything going wrong at once: the model, messages, workers, money and people."""

import datetime as dt
import uuid
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from random import Random

from census.adapters.openai_language_model import OpenAILanguageModel
from census.adapters.postgres.database import PostgresDatabase
from census.application.map_batch import batch_message
from census.domain.jobs import JobStatus
from census.domain.plan import JsonObject
from census.ports.job_store import BatchKey
from infra.local.postgres import DATABASE
from tests.database.servers import running
from tests.engine.going_on import cancel, retry
from tests.engine.house import LEASE_SECONDS, EngineHouse
from tests.engine.plans import count
from tests.engine.started_jobs import LONG
from tests.model_server import Fault, FaultPlan, ModelServer, ScriptedBrain

SEEDS = 20
DOCUMENTS, MOMENTS = 30, 25
CAP = Decimal("0.12")
KINDS = (
    Fault.RATE_LIMITED, Fault.SERVER_ERROR, Fault.MISSING_IDS, Fault.REFUSAL, Fault.BAD_JSON, Fault.CUT,
    Fault.DROPPED,
)  # fmt: skip
ENDINGS = ("of itself", "cancelled", "deadline", "capped", "cap raised")
HELP = 12


def run() -> str:
    """Every seed on a tenant of its own; how the jobs ended."""
    with running(18) as server:
        database = PostgresDatabase(server.url(DATABASE))
        ends = Counter(check_seed(database, seed) for seed in range(SEEDS))
        database.engine.dispose()
    told = ", ".join(f"{number} {end}" for end, number in sorted(ends.items()))
    return f"{SEEDS} seeds of {DOCUMENTS} documents ended ({told}); every ledger sums and names what failed"


def check_seed(database: PostgresDatabase, seed: int) -> str:
    """One job from its question to its end; the ending it was given, and its status."""
    faults = FaultPlan(rate=0.2, seed=seed, kinds=KINDS, retry_after_seconds=0.01)
    with ModelServer(ScriptedBrain(words={"promises": "promises"}), faults) as server:
        model = OpenAILanguageModel("key", server.base_url, "gpt-5-mini", "gpt-5", 10)
        life = Life(EngineHouse(database, model), Random(seed), ENDINGS[seed % len(ENDINGS)])
        life.live()
        life.check()
        return f"{life.ending} → {life.house.job(life.job_id).status.value}"


@dataclass
class Life:
    """One job. `promising`: the documents that match, by a reference that knows no engine."""

    house: EngineHouse
    chance: Random
    ending: str
    job_id: uuid.UUID = field(init=False)
    token: str = ""
    promising: set[str] = field(default_factory=set)
    delivered: list[JsonObject] = field(default_factory=list)

    def __post_init__(self) -> None:
        for number in range(DOCUMENTS):
            word = self.chance.choice(["promises", "says"])
            self.promising |= {str(number)} if word == "promises" else set()
            self.house.add(str(number), f"Paper {number} {word} something. {LONG if number % 3 == 0 else ''}")
        cap = CAP if self.ending in ("capped", "cap raised") else None
        self.job_id = self.house.ask(count("promises"), max_cost_usd=cap)
        self._lead()

    def live(self) -> None:
        """Moments by chance, then the ending, then help until the job is over."""
        faults: list[Callable[[], None]] = [
            self._deliver, self._deliver, self._deliver_again, self._lose, self._die_with_a_claim,
            self._time_passes, self._drain, self._lose_the_execution,
        ]  # fmt: skip
        last = self.chance.randrange(MOMENTS)
        for moment in range(MOMENTS):
            if self._over():
                break
            self.chance.choice(faults)()
            if moment == last and not self._over():
                self._end()
        self._help()
        if self.ending == "cap raised" and self.house.job(self.job_id).status is JobStatus.PARTIAL:
            retry(self.house, self.job_id, Decimal(10))
            self._lead()
            self._help()

    def check(self) -> None:
        """The job ended; the ledger sums; verdicts are the reference's, what has none has a reason."""
        job, row = self.house.shown(self.job_id), self.house.job(self.job_id)
        assert row.status.final, job
        ledger = job["result"]["ledger"]
        assert ledger.pop("total") == sum(ledger.values()) == DOCUMENTS, ledger
        classes = self.house.classes(self.job_id)
        for name, (status, reason) in classes.items():
            if status in ("match", "no_match"):
                assert (status == "match") == (name in self.promising), (name, status)
            else:
                assert reason, (name, status)
        for name in ("failed", "skipped"):
            assert sum(job["aggregation_details"][name].values()) == ledger[name], name
        matches = sum(status == "match" for status, _ in classes.values())
        assert job["result"]["table"]["rows"] == [[matches]] or row.status is JobStatus.FAILED
        assert row.status is not JobStatus.COMPLETED or matches == len(self.promising)
        assert row.cap_usd is None or row.spent_usd <= row.cap_usd
        assert self._charged() == row.spent_usd

    # What happens

    def _lead(self) -> None:
        if self.house.plan(self.job_id).next == "dispatch":
            self.token = self.house.dispatch(self.job_id)

    def _over(self) -> bool:
        return self.house.job(self.job_id).status.final

    def _deliver(self) -> None:
        messages = self.house.queue.receive(self.chance.randint(1, 10))
        self.delivered += messages
        self.house.map(messages)

    def _deliver_again(self) -> None:
        if self.delivered:
            self.house.map([self.chance.choice(self.delivered)])

    def _lose(self) -> None:
        self.delivered += self.house.queue.receive(self.chance.randint(1, 5))

    def _die_with_a_claim(self) -> None:
        """What a worker leaves that is killed between claim and record."""
        messages = [batch_message(message) for message in self.house.queue.receive(5)]
        keys = [BatchKey(message.job_id, message.ordinal) for message in messages]
        with self.house.database.tenant(self.house.tenant_id) as work:
            work.batches.claim(keys, LEASE_SECONDS, self.house.map_tools().batch_price)

    def _time_passes(self) -> None:
        self.house.queue.advance(900)
        self.house.expire_claims(self.job_id)
        self.house.run(
            "UPDATE job_batches SET sent_at = sent_at - interval '1 minute' WHERE job_id = :j", j=self.job_id
        )
        generation = self.house.job(self.job_id).started_generation
        self.house.reconcile(self.job_id)
        if not self._over() and self.house.job(self.job_id).started_generation != generation:
            self._lead()

    def _drain(self) -> None:
        for message in self.house.queue.receive(1):
            self.house.drain(message, times_received=self.chance.choice([1, 1, 2]))

    def _lose_the_execution(self) -> None:
        if self.chance.random() < 0.3:
            self.house.workflow.end(str(self.house.job(self.job_id).execution_arn))

    def _end(self) -> None:
        if self.ending == "cancelled":
            cancel(self.house, self.job_id)
        elif self.ending == "deadline":
            self.house.set_job(self.job_id, deadline_at=dt.datetime.now(dt.UTC))
            self.house.reconcile(self.job_id)

    def _help(self) -> None:
        """Time, checks and workers, as in any deployment."""
        for _ in range(HELP):
            if self._over():
                return
            self._time_passes()
            self.house.map_all()
            if not self._over():
                self.house.follow(self.job_id, self.token)

    def _charged(self) -> Decimal:
        """What the user's spending has of this job."""
        statement = "SELECT COALESCE(sum(usd), 0) FROM spending WHERE job_id = :job"
        return Decimal(self.house.scalar(statement, job=self.job_id))
