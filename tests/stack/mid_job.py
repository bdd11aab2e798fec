"""A job caught in the middle: a slow model, forty papers, two invocations of ten batches at a time."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tests.model_server import Latency, ModelServer
from tests.stack.person import Person, somebody
from tests.stack.processes import wait_for
from tests.stack.promises import papers, promising_brain, question_about, statement_about
from tests.stack.running import RunningStack, running_stack
from tests.stack.seeding import BatchRow, batches_of, caller_of, seed_documents

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sqs.literals import QueueAttributeFilterType

PAPERS = 40
LATENCY = Latency(1.5, sigma=0.2)
INVOCATIONS = 2


@dataclass
class MidJob:
    """A stack, its model, and a person whose 40 papers make 40 batches: two invocations of ten at a time."""

    stack: RunningStack
    server: ModelServer
    person: Person

    def warm_up(self) -> None:
        """Have both workers running: one that had to start first might find everything read by the other."""
        self.person.wait(self.person.ask_all(question_about("gears")))
        wait_for(lambda: len(self.stack.pids("MapBatch")) == INVOCATIONS, "two workers at once")

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
        wanted = (statement_about(promise),)
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
        made = MidJob(stack, server, person)
        made.warm_up()
        yield made
