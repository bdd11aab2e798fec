"""kill -9 in mid-job: the job ends all the same, and nothing that was recorded is paid for again."""

import json
import os
import signal
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.model_server import Latency, ModelServer
from tests.stack.conftest import somebody
from tests.stack.person import Person
from tests.stack.promises import papers, promising, promising_brain, question_about
from tests.stack.quotes import check_ledger, result_of
from tests.stack.running import RunningStack, is_gone, running_stack, wait_for
from tests.stack.seeding import BatchRow, batches_of, caller_of, seed_documents

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sqs.literals import QueueAttributeFilterType

pytestmark = pytest.mark.stack

PAPERS = 40
LATENCY = Latency(1.5, sigma=0.2)
TWO_MINUTES = 120.0
INVOCATIONS = 2


@dataclass
class MidJob:
    """A stack, its model, and a person whose 40 papers make 40 batches: two invocations of ten at a time."""

    stack: RunningStack
    server: ModelServer
    person: Person

    def start(self, promise: str) -> str:
        """Ask, and wait until some batches are recorded while others are being read; the job's id."""
        job_id = self.person.ask_all(question_about(promise))
        wait_for(lambda: self._in_the_middle(job_id), "recorded batches and claimed ones", every=0.05)
        return job_id

    def _in_the_middle(self, job_id: str) -> bool:
        batches = self.batches(job_id)
        claims = {batch.claim for batch in batches if batch.claim and not batch.outcome}
        return len(claims) == INVOCATIONS and any(batch.outcome for batch in batches)

    def batches(self, job_id: str) -> list[BatchRow]:
        """The job's batches as the database has them."""
        return batches_of(self.stack.database_url, self.person.name, job_id)

    def asked(self, promise: str, since: float = 0.0) -> Counter[str]:
        """How often each window was asked about a promise by calls begun since a monotonic time."""
        wanted = (f"The document promises {promise}.",)
        calls = (c for c in self.server.map_calls if c.criteria == wanted and c.started >= since)
        return Counter(window for call in calls for window in call.windows)

    def send_again(self, job_id: str, ordinals: Iterable[int]) -> None:
        """Put messages of a job's batches into the map queue once more."""
        sqs, tenant = self.stack.sqs(), str(caller_of(self.person.name).tenant_id)
        for ordinal in ordinals:
            body = {"tenant_id": tenant, "job_id": job_id, "generation": 1, "batch": ordinal}
            sqs.send_message(QueueUrl=map_queue(sqs), MessageBody=json.dumps(body))

    def messages(self) -> int:
        """Messages in the map queue, those in hand included."""
        sqs = self.stack.sqs()
        names: list[QueueAttributeFilterType] = [
            "ApproximateNumberOfMessages",
            "ApproximateNumberOfMessagesNotVisible",
            "ApproximateNumberOfMessagesDelayed",
        ]
        found = sqs.get_queue_attributes(QueueUrl=map_queue(sqs), AttributeNames=names)["Attributes"]
        return sum(map(int, found.values()))


def map_queue(sqs: "SQSClient") -> str:
    return sqs.get_queue_url(QueueName="census-MapQueue")["QueueUrl"]


@contextmanager
def mid_job(folder: Path, **parameters: str) -> Iterator[MidJob]:
    with (
        ModelServer(promising_brain(), latency=LATENCY) as server,
        running_stack(folder, server.base_url, MapConcurrency=str(INVOCATIONS), **parameters) as stack,
    ):
        person = somebody(stack.url)
        seed_documents(stack.database_url, person.name, papers(PAPERS))
        yield MidJob(stack, server, person)


@pytest.fixture(scope="module")
def worked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MidJob]:
    """Short time-outs, so that a dead worker's claims expire soon."""
    short = {"MapTimeoutSeconds": "15", "MapVisibilitySeconds": "90", "ModelTimeoutSeconds": "6"}
    with mid_job(tmp_path_factory.mktemp("worker"), **short, ReconcileSeconds="5") as made:
        yield made


def check_answer(made: MidJob, job_id: str) -> None:
    """The job completes within two minutes and no document is lost."""
    job = made.person.wait(job_id, TWO_MINUTES)
    assert job["status"] == "completed"
    check_ledger(job, PAPERS)
    assert result_of(job)["ledger"]["match"] == promising(PAPERS)
    assert len({row["source_id"] for row in made.person.client.rows(job_id)}) == PAPERS


def windows_of(batches: Iterable[BatchRow]) -> set[str]:
    return {window for batch in batches for window in batch.windows}


def test_a_message_that_is_delivered_again_after_the_end_makes_no_call(worked: MidJob) -> None:
    job_id = worked.person.ask_all(question_about("bridges"))
    check_answer(worked, job_id)
    calls = len(worked.server.map_calls)
    worked.send_again(job_id, ordinals=range(1, 11))
    wait_for(lambda: worked.messages() == 0, "the messages to be taken")
    assert len(worked.server.map_calls) == calls
    assert worked.person.client.job(job_id)["status"] == "completed"


def test_after_a_worker_is_killed_only_the_batches_it_held_are_read_again(worked: MidJob) -> None:
    job_id = worked.start("apples")
    os.kill(worked.stack.pids("MapBatch")[0], signal.SIGKILL)
    recorded = {batch.ordinal for batch in worked.batches(job_id) if batch.outcome}
    check_answer(worked, job_id)
    held = [batch for batch in worked.batches(job_id) if batch.attempts > 1]
    assert 1 <= len(held) <= 10
    assert not recorded & {batch.ordinal for batch in held}
    asked = worked.asked("apples")
    assert {window for window, times in asked.items() if times > 1} <= windows_of(held)
    assert set(asked) == windows_of(worked.batches(job_id))
    assert max(asked.values()) == 2


def test_after_the_whole_stack_is_killed_the_next_start_reads_just_what_was_not_recorded(
    tmp_path: Path,
) -> None:
    with mid_job(tmp_path) as made:
        job_id = made.start("candles")
        running = made.stack.kill()
        recorded = [batch for batch in made.batches(job_id) if batch.outcome]
        made.stack.kill_database()
        wait_for(lambda: all(map(is_gone, running)), "the end of every process", 10)
        restarted = time.monotonic()
        with running_stack(tmp_path, made.server.base_url, MapConcurrency=str(INVOCATIONS)) as again:
            made = MidJob(again, made.server, Person(again.url, made.person.name))
            check_answer(made, job_id)
            asked = made.asked("candles", since=restarted)
            assert recorded
            assert set(asked) == windows_of(made.batches(job_id)) - windows_of(recorded)
            assert set(asked.values()) == {1}
            assert again.stop() == 0
        assert all(map(is_gone, again.seen))
