"""Counted, not timed: states entered, requests sent, model calls made, whatever the number of batches."""

import os
import signal
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from infra.local.api_shapes import Job
from infra.local.stack import LocalStack
from tests.data_folder import data_folder
from tests.model_server import ModelServer
from tests.stack.held_dispatch import HeldDispatch
from tests.stack.person import Person, somebody
from tests.stack.processes import wait_for
from tests.stack.promises import papers, promising, promising_brain, question_about
from tests.stack.quotes import check_ledger, result_of
from tests.stack.running import ROOT
from tests.stack.seeding import batches_of, seed_documents

pytestmark = pytest.mark.stack

MOST_STATES = 6
MOST_REQUESTS_A_BATCH = 0.35
MANY = 500


@dataclass(frozen=True)
class Counted:
    """A stack in this very process, whose counters and executions can be read, and its model."""

    stack: LocalStack
    server: ModelServer

    def person_with(self, count: int) -> Person:
        """A new person with so many papers, each a batch of its own."""
        person = somebody(self.stack.url)
        if count:
            seed_documents(self.stack.database_url, person.name, papers(count))
        return person

    def states_entered(self, job_id: str) -> list[str]:
        """The states that the job's only execution entered."""
        machines = self.stack.cloud.machines
        (execution,) = (arn for arn in machines.executions() if f":{job_id}-" in arn)
        return machines.states_entered(execution)

    @property
    def calls(self) -> int:
        """Model calls that read windows."""
        return len(self.server.map_calls)


@pytest.fixture(scope="module")
def counted() -> Iterator[Counted]:
    with data_folder() as data, ModelServer(promising_brain()) as server:
        model = {"OPENAI_API_KEY": "test", "OPENAI_BASE_URL": server.base_url}
        with LocalStack(ROOT / "template.yaml", data, environment=model) as stack:
            yield Counted(stack, server)


def check_complete(job: Job, count: int) -> None:
    assert job["status"] == "completed", job
    check_ledger(job, count)
    assert result_of(job)["table"] == {"columns": ["documents"], "rows": [[promising(count)]]}


def test_a_job_of_one_batch_enters_at_most_six_states(counted: Counted) -> None:
    person = counted.person_with(1)
    job = person.answer(question_about("apples"))
    check_complete(job, 1)
    assert len(counted.states_entered(job["id"])) <= MOST_STATES


def test_a_job_of_five_hundred_batches_enters_as_many_and_sends_few_requests(counted: Counted) -> None:
    person = counted.person_with(MANY)
    counted.stack.counters.reset()
    job = person.answer(question_about("bridges"))
    requests = counted.stack.counters.total("sqs", "sqs-poller")
    check_complete(job, MANY)
    assert len(batches_of(counted.stack.database_url, person.name, job["id"])) == MANY
    assert len(counted.states_entered(job["id"])) <= MOST_STATES
    assert requests / MANY <= MOST_REQUESTS_A_BATCH, counted.stack.counters.requests


def test_the_same_question_again_makes_no_call_and_completes(counted: Counted) -> None:
    person = counted.person_with(7)
    check_complete(person.answer(question_about("candles")), 7)
    calls = counted.calls
    job = person.answer(question_about("candles"))
    check_complete(job, 7)
    assert counted.calls == calls
    assert len(counted.states_entered(job["id"])) <= MOST_STATES


def test_a_question_to_an_empty_collection_completes_and_says_so(counted: Counted) -> None:
    person, calls = counted.person_with(0), counted.calls
    job = person.answer(question_about("drums"))
    assert job["status"] == "completed"
    assert "no documents" in result_of(job)["answer"]
    check_ledger(job, 0)
    assert counted.calls == calls
    assert len(counted.states_entered(job["id"])) <= MOST_STATES


def test_a_crash_of_dispatch_after_its_last_message_reads_every_batch_once(counted: Counted) -> None:
    person = counted.person_with(30)
    calls = counted.calls
    with HeldDispatch(counted.stack.database_url) as held:
        job_id = person.ask_all(question_about("engines"))
        held.lock_a_batch_of(job_id)
        wait_for(held.is_waited_for, "dispatch to have sent every message", every=0.01)
        (victim,) = counted.stack.cloud.functions.pids("DispatchBatches")
        os.kill(victim, signal.SIGKILL)
    check_complete(person.wait(job_id), 30)
    assert counted.calls - calls == 30
    assert len(counted.states_entered(job_id)) <= MOST_STATES
