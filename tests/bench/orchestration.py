"""One job of 10,000 batches on the local stack, every state and request counted: handlers, pollers, all real.

Nothing is modelled: moto's interpreter runs answer_job.asl.json, its queues are in this process's memory, and
the functions run as on Lambda. The prices are those of `make cost`.
"""

from collections import Counter
from dataclasses import dataclass
from decimal import Decimal

from census.adapters.postgres.database import PostgresDatabase
from infra.costs.prices import LAMBDA_REQUEST, SQS_REQUEST, STATE_TRANSITION
from infra.local.stack import LocalStack
from tests.bench.large_job import add_documents
from tests.data_folder import data_folder
from tests.stack.person import somebody
from tests.stack.running import ROOT
from tests.stack.seeding import caller_of

BATCHES = 10_000
JOB_SECONDS = 900.0
MOST_STATES = 6
MOST_REQUESTS_A_BATCH = 0.35
MOST_USD_A_BATCH = Decimal("0.01") / 10_000


@dataclass(frozen=True)
class Orchestrated:
    """What a job of so many batches took. `lambdas`: invocations, those of steps among them."""

    batches: int
    states: list[str]
    requests: Counter[tuple[str, str]]

    @property
    def sqs(self) -> int:
        """Requests of ours and of Lambda's poller; checks of the open job among them."""
        return sum(n for (service, _), n in self.requests.items() if service in ("sqs", "sqs-poller"))

    @property
    def lambdas(self) -> int:
        return self.requests["lambda", "Invoke"]

    @property
    def usd(self) -> Decimal:
        """State transitions, queue requests, invocations; waiting for the model is not among it."""
        return len(self.states) * STATE_TRANSITION + self.sqs * SQS_REQUEST + self.lambdas * LAMBDA_REQUEST


def run() -> list[str]:
    """Count, and hold to the bounds."""
    found = measure(BATCHES)
    print(
        f"   {found.batches:,} batches: {len(found.states)} states entered ({', '.join(found.states)});"
        f" {found.sqs:,} SQS requests, {found.sqs / found.batches:.3f} a batch;"
        f" {found.lambdas:,} invocations; ${found.usd:.6f}"
    )
    for (service, action), number in sorted(found.requests.items()):
        print(f"      {service} {action}: {number:,}")
    return missed(found)


def missed(found: Orchestrated) -> list[str]:
    """What fell short, a line each."""
    short = [f"{len(found.states)} states entered"] * (len(found.states) > MOST_STATES)
    if found.sqs > MOST_REQUESTS_A_BATCH * found.batches:
        short.append(f"{found.sqs / found.batches:.3f} SQS requests a batch")
    if found.usd > MOST_USD_A_BATCH * found.batches:
        short.append(f"orchestrating {found.batches:,} batches cost ${found.usd:.6f}")
    return short


def measure(batches: int) -> Orchestrated:
    """Ask one question over so many documents, each a batch of its own, read by the built-in rules."""
    with data_folder() as data, LocalStack(ROOT / "template.yaml", data) as stack:
        person = somebody(stack.url)
        _fill(stack.database_url, person.name, batches)
        stack.counters.reset()
        job_id = person.ask_all("How many documents mention audit?")
        person.wait(job_id, JOB_SECONDS)
        job = person.call("GET", f"/jobs/{job_id}").json
        requests, machines = stack.counters.requests, stack.cloud.machines
        (execution,) = (arn for arn in machines.executions() if f":{job_id}-" in arn)
        states = machines.states_entered(execution)
    assert job["status"] == "completed", job
    assert job["total_batches"] == batches
    return Orchestrated(batches, states, requests)


def _fill(url: str, name: str, documents: int) -> None:
    caller, database = caller_of(name), PostgresDatabase(url)
    with database.tenant(caller.tenant_id) as work:
        work.conversations.ensure_profile(caller.user_id)
        add_documents(work, caller.user_id, documents)
    database.engine.dispose()
