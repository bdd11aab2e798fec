"""One job of 10,000 batches by the state machine itself, every state and request counted, nothing modelled.

The local stack's interpreter runs answer_job.asl.json, its tasks are the use cases over real Postgres, the
queue is in memory and counts requests as SQS and Lambda's poller make them: ten messages each at most.
"""

import json
import math
import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, cast

from moto.stepfunctions.parser.models import stepfunctions_parser_backends

from census.adapters.postgres.database import PostgresDatabase
from census.application.dispatch_batches import dispatch_batches
from census.application.plan_job import PlanTools, plan_job, planned_to_json
from census.application.reduce_job import reduce_job
from census.application.settle_job import cause_of_failure, settle_job
from census.domain.identity import execution_name
from census.domain.plan import JsonObject
from census.ports.workflow import SignalResult, StartedExecution
from infra.costs.prices import LAMBDA_REQUEST, SQS_REQUEST, STATE_TRANSITION
from infra.local.deployment import ACCOUNT, REGION, StateMachine
from infra.local.lambda_runtime import Outcome
from infra.local.moto_app import MotoApp
from infra.local.postgres import DATABASE
from infra.local.state_machines import StateMachines
from tests.bench.large_job import TimedModel, add_documents, work_off
from tests.database.servers import running
from tests.engine.house import EngineHouse, price
from tests.engine.plans import count
from tests.fakes.memory_queue import MemoryQueue
from tests.fakes.memory_workflow import MemoryWorkflow
from tests.stack.running import ROOT

BATCHES, INVOCATIONS = 10_000, 3
MESSAGES_A_REQUEST = 10
JOB_SECONDS = 900.0
MOST_STATES = 6
MOST_REQUESTS_A_BATCH = 0.35
MOST_USD_A_BATCH = Decimal("0.01") / 10_000
MACHINE = f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:AnswerJob"
STEPS = ("PlanJob", "DispatchBatches", "ReduceJob", "SettleJob")


@dataclass(frozen=True)
class Orchestrated:
    """What a job of so many batches took. `lambdas`: invocations, those of steps among them."""

    batches: int
    states: list[str]
    sqs: int
    lambdas: int

    @property
    def usd(self) -> Decimal:
        """State transitions, queue requests, invocations; waiting for the model is not among it."""
        return len(self.states) * STATE_TRANSITION + self.sqs * SQS_REQUEST + self.lambdas * LAMBDA_REQUEST


@dataclass
class CountedQueue(MemoryQueue):
    """Counts the requests that SQS would be sent, and those of Lambda's poller: receive, then delete."""

    requests: int = 0

    def send(self, message: JsonObject, delay_seconds: int = 0) -> str:
        """One request."""
        self.requests += 1
        return super().send(message, delay_seconds)

    def send_many(self, messages: Sequence[JsonObject]) -> int:
        """One request for ten messages."""
        before = self.requests
        sent = super().send_many(messages)
        self.requests = before + math.ceil(len(messages) / MESSAGES_A_REQUEST)
        return sent

    def receive(self, most: int = MESSAGES_A_REQUEST) -> list[JsonObject]:
        """Two requests where anything came."""
        found = super().receive(most)
        self.requests += 2 * bool(found)
        return found


@dataclass
class MachineWorkflow(MemoryWorkflow):
    """Starts and signals executions of the interpreter."""

    def start(self, tenant_id: uuid.UUID, job_id: uuid.UUID, generation: int) -> StartedExecution:
        """See the port."""
        data = {"tenant_id": str(tenant_id), "job_id": str(job_id), "generation": generation}
        name = execution_name(job_id, generation)
        backend = stepfunctions_parser_backends[ACCOUNT][REGION]
        return StartedExecution(backend.start_execution(MACHINE, name, json.dumps(data)).execution_arn)

    def signal_success(self, task_token: str, output: JsonObject) -> SignalResult:
        """See the port."""
        stepfunctions_parser_backends[ACCOUNT][REGION].send_task_success(task_token, json.dumps(output))
        return SignalResult.SENT


@dataclass
class Steps:
    """The functions that the state machine calls, in this process."""

    house: EngineHouse
    invocations: int = 0
    errors: list[Exception] = field(default_factory=list)

    def invoke(self, arn: str, payload: bytes) -> Outcome:
        """As Lambda does."""
        self.invocations += 1
        event = json.loads(payload)
        step: Callable[..., JsonObject] = getattr(self, arn.rpartition(":")[2])
        try:
            return Outcome(json.dumps(step(event, uuid.UUID(event["job_id"]), event["generation"])).encode())
        except Exception as error:  # noqa: BLE001 as Lambda does: any error is an answer
            self.errors.append(error)
            return Outcome.failure(type(error).__name__, str(error))

    def PlanJob(self, event: JsonObject, job_id: uuid.UUID, generation: int) -> JsonObject:  # noqa: N802
        tools = PlanTools(self.house.database, self.house.model, price)
        return planned_to_json(plan_job(tools, self.house.tenant_id, job_id, generation), event)

    def DispatchBatches(self, event: JsonObject, job_id: uuid.UUID, generation: int) -> JsonObject:  # noqa: N802
        house, token = self.house, event["task_token"]
        arguments = (house.tenant_id, job_id, generation, token)
        return {"sent": dispatch_batches(house.database, house.queue, house.workflow, *arguments)}

    def ReduceJob(self, _event: JsonObject, job_id: uuid.UUID, generation: int) -> JsonObject:  # noqa: N802
        return {"status": reduce_job(self.house.fold_tools(), self.house.tenant_id, job_id, generation).value}

    def SettleJob(self, event: JsonObject, job_id: uuid.UUID, generation: int) -> JsonObject:  # noqa: N802
        cause = cause_of_failure(event["failure"]["Error"], event["failure"]["Cause"])
        house = self.house
        status = settle_job(house.database, house.model, house.tenant_id, job_id, cause, generation)
        return {"status": status.value}


def run() -> list[str]:
    """Count, and hold to the bounds."""
    with running(18) as server:
        found = measure(server.url(DATABASE), BATCHES)
    print(
        f"   {found.batches:,} batches: {len(found.states)} states entered ({', '.join(found.states)});"
        f" {found.sqs:,} SQS requests, {found.sqs / found.batches:.4f} a batch;"
        f" {found.lambdas:,} invocations; ${found.usd:.6f}"
    )
    return missed(found)


def missed(found: Orchestrated) -> list[str]:
    """What fell short, a line each."""
    short = [f"{len(found.states)} states entered"] * (len(found.states) > MOST_STATES)
    if found.sqs > MOST_REQUESTS_A_BATCH * found.batches:
        short.append(f"{found.sqs / found.batches:.3f} SQS requests a batch")
    if found.usd > MOST_USD_A_BATCH * found.batches:
        short.append(f"orchestrating {found.batches:,} batches cost ${found.usd:.6f}")
    return short


def measure(url: str, batches: int) -> Orchestrated:
    """One question over so many documents, each a batch of its own."""
    queue = CountedQueue()
    house = EngineHouse(PostgresDatabase(url), TimedModel(), queue=queue, workflow=MachineWorkflow())
    steps = Steps(house)
    machines = StateMachines(MotoApp(), cast(Any, steps))
    machines.create(StateMachine("AnswerJob", "AnswerJob", MACHINE, _definition()))
    with house.database.tenant(house.tenant_id) as work:
        work.conversations.ensure_profile(house.caller.user_id)
        add_documents(work, house.caller.user_id, batches)
    job_id = house.ask(count("audit"))
    _until(lambda: not queue.is_empty() or bool(steps.errors))
    done = work_off(house, url, job_id, INVOCATIONS)
    _until(lambda: house.job(job_id).status.final)
    (execution,) = machines.executions()
    _until(lambda: machines.states_entered(execution)[-1] == "Ended")
    job = house.shown(job_id)
    house.database.engine.dispose()
    assert (job["status"], job["total_batches"]) == ("completed", batches), (job, steps.errors)
    return Orchestrated(
        batches, machines.states_entered(execution), queue.requests, steps.invocations + done.invocations
    )


def _definition() -> str:
    """The application's own, its functions found by name."""
    text = (ROOT / "infra/statemachine/answer_job.asl.json").read_text()
    for step in STEPS:
        text = text.replace(f"${{{step}Arn}}", f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{step}")
    return text


def _until(happened: Callable[[], bool]) -> None:
    deadline = time.monotonic() + JOB_SECONDS
    while not happened():
        assert time.monotonic() < deadline, "the job does not go on"
        time.sleep(0.1)
