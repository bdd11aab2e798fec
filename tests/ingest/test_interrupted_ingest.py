"""Workers die and services are down at every step; the end is the same, and nothing is left over."""

import json
import os
import signal
import subprocess
import sys

import pytest

from census.adapters.hashed_embedder import HashedEmbedder
from census.application.check_vectors import check_vectors
from census.application.ingest_file import postpone_message
from census.domain.errors import UnavailableError
from census.domain.upload_claims import MAX_ATTEMPTS
from census.domain.vectors import VectorDimensionError
from census.ports.embedder import EmbedderRejectedError, EmbedderUnavailableError
from tests.ingest.dying_worker import EMBEDDED_AT_ONCE
from tests.ingest.house import House, WorkerDiedError

STEPS = [
    "before commit 1",
    "after commit 1",
    "before download",
    "after download",
    "before commit 2",
    "before extract",
    "after extract",
    "before commit 3",
    "after commit 3",
    "before commit 4",
    "before embed",
    "after embed",
    "before upsert",
    "after upsert",
    "before commit 5",
    "after commit 5",
    "before wait",
    "before commit 6",
    "after commit 6",
]
DATA = b"The notice period is thirty days.\n\nGoverning law: Bavaria.\n"


def assert_whole(house: House, texts: int = 1) -> None:
    """Both stores hold exactly what the completed files need."""
    assert house.count("extracted_texts") == texts
    assert house.count("passages") == house.count("passage_vectors") == texts


@pytest.mark.parametrize("step", STEPS)
def test_a_worker_that_dies_leaves_the_same_end_after_redelivery(house: House, step: str) -> None:
    file_id = house.announce()
    event = house.upload(file_id, DATA)
    house.doors.die_at(step)
    with pytest.raises(WorkerDiedError):
        house.deliver(event)
    house.let_claim_expire(file_id)
    house.deliver(event)

    assert house.row(file_id)["status"] == "completed"
    assert len(house.find("notice")) == 1
    assert_whole(house)


def kill_a_worker(house: House, database_url: str, event: str, step: str, times: int = 1) -> None:
    """One in a process of its own, when it comes to `step` for the nth time."""
    place = [database_url, str(house.tenant_id), step, str(times)]
    worker = [sys.executable, "-m", "tests.ingest.dying_worker", *place]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    ended = subprocess.run(worker, input=event, text=True, env=environment, timeout=60, check=False)
    assert ended.returncode == -signal.SIGKILL


@pytest.mark.parametrize("step", ["before download", "after commit 3", "before upsert", "before commit 6"])
def test_a_worker_killed_by_the_system_leaves_the_same_end(
    house: House, step: str, database_url: str
) -> None:
    file_id = house.announce()
    event = house.upload(file_id, DATA)
    kill_a_worker(house, database_url, event, step)
    assert house.row(file_id)["status"] == "processing"
    house.let_claim_expire(file_id)
    house.deliver(event)

    assert house.row(file_id)["status"] == "completed"
    assert_whole(house)


@pytest.mark.parametrize(("step", "stored"), [("before upsert", 2), ("after upsert", 3)])
def test_of_a_long_document_only_the_request_that_was_under_way_is_paid_again(
    house: House, database_url: str, step: str, stored: int
) -> None:
    """It takes five; its worker is killed at the third."""
    clauses = [
        f"Clause {n}. " + f"The party of part {n} pays on day {n}. " * 40
        for n in range(5 * EMBEDDED_AT_ONCE - 5)
    ]
    house.doors.embedded_at_once = EMBEDDED_AT_ONCE
    file_id = house.announce()
    event = house.upload(file_id, "\n\n".join(clauses).encode())
    kill_a_worker(house, database_url, event, step, times=3)
    house.let_claim_expire(file_id)
    house.deliver(event)

    assert 4 * EMBEDDED_AT_ONCE < house.count("passages") <= 5 * EMBEDDED_AT_ONCE
    assert house.doors.passed.count("before embed") == 5 - stored
    assert check_vectors(house.database, house.vectors, house.tenant_id, HashedEmbedder.model).good
    assert house.count("passages") == house.count("passage_vectors")


@pytest.mark.parametrize("step", STEPS[:-1])
def test_nobody_finds_a_text_before_its_file_is_completed(house: House, step: str) -> None:
    file_id = house.announce()
    house.doors.die_at(step)
    with pytest.raises(WorkerDiedError):
        house.deliver(house.upload(file_id, DATA))

    assert house.find("notice") == []


def test_the_same_message_while_its_claim_holds_comes_again_when_it_has_ended(house: House) -> None:
    file_id = house.announce()
    event = house.upload(file_id, DATA)
    house.doors.die_at("before download")
    with pytest.raises(WorkerDiedError):
        house.deliver(event, "m1", seconds=60)
    house.deliver(event, "m1")

    ((message, delay),) = house.queue.sent
    assert message == {"tenant_id": str(house.tenant_id), "file_id": str(file_id)}
    assert 50 < delay <= 61


def test_another_message_while_the_claim_holds_does_nothing(house: House) -> None:
    file_id = house.announce()
    event = house.upload(file_id, DATA)
    house.doors.die_at("before download")
    with pytest.raises(WorkerDiedError):
        house.deliver(event, "m1")
    house.deliver(event, "m2")
    house.remind(file_id)

    assert house.queue.sent == []
    assert house.row(file_id)["attempts"] == 1


@pytest.mark.parametrize(
    ("step", "error", "stage"),
    [
        ("before download", UnavailableError("S3 does not answer."), "download"),
        ("before embed", EmbedderUnavailableError("503 from the embeddings API."), "embed"),
        ("before upsert", UnavailableError("The index does not answer."), "store"),
    ],
    ids=["s3", "embedder", "index"],
)
def test_a_service_that_is_down_makes_the_file_pending_and_is_tried_again(
    house: House, step: str, error: Exception, stage: str
) -> None:
    file_id = house.announce()
    event = house.upload(file_id, DATA)
    house.doors.raise_at(step, error)
    house.deliver(event)

    row = house.row(file_id)
    assert (row["status"], row["error"]["stage"], row["error"]["retryable"]) == ("pending", stage, True)
    assert row["error"]["message"] == str(error)
    assert [delay for _, delay in house.queue.sent] == [30]
    house.deliver_sent()
    assert (house.row(file_id)["status"], house.row(file_id)["attempts"]) == ("completed", 2)
    assert_whole(house)


def test_each_attempt_waits_twice_as_long_and_the_last_one_fails(house: House) -> None:
    file_id = house.announce()
    house.doors.raise_at("before embed", EmbedderUnavailableError("Down."), times=99)
    house.deliver(house.upload(file_id, DATA))
    delays = []
    while house.queue.sent:
        delays += [delay for _, delay in house.queue.sent]
        house.deliver_sent()

    assert delays == [30, 60, 120, 240, 480, 900, 900]
    row = house.row(file_id)
    assert (row["status"], row["attempts"]) == ("failed", MAX_ATTEMPTS)
    assert row["error"]["code"] == "embedder_unavailable"


def test_the_delay_a_service_asks_for_is_kept(house: House) -> None:
    house.doors.raise_at("before embed", EmbedderUnavailableError("429.", retry_after=200.0))
    house.deliver(house.upload(house.announce(), DATA))

    assert [delay for _, delay in house.queue.sent] == [200]


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (EmbedderRejectedError("The key is wrong."), "embedder_rejected"),
        (VectorDimensionError("small", 3, 4), "vector_dimension"),
    ],
)
def test_what_no_retry_helps_fails_at_once(house: House, error: Exception, code: str) -> None:
    file_id = house.announce()
    house.doors.raise_at("before embed", error)
    house.deliver(house.upload(file_id, DATA))

    assert (house.row(file_id)["status"], house.row(file_id)["error"]["code"]) == ("failed", code)
    assert house.queue.sent == []


def test_extraction_is_not_repeated_when_embedding_is(house: House) -> None:
    house.doors.raise_at("before embed", EmbedderUnavailableError("Down."))
    house.deliver(house.upload(house.announce(), DATA))
    house.deliver_sent()

    assert house.doors.passed.count("before extract") == 1


def test_a_file_that_kills_every_worker_is_given_up(house: House) -> None:
    file_id = house.announce()
    event = house.upload(file_id, DATA)
    for _ in range(MAX_ATTEMPTS):
        house.doors.die_at("after download")
        with pytest.raises(WorkerDiedError):
            house.deliver(event)
        house.let_claim_expire(file_id)
    house.deliver(event)

    assert (house.row(file_id)["status"], house.row(file_id)["error"]["code"]) == ("failed", "ingest_crashed")


def test_a_worker_that_lost_its_claim_changes_nothing(house: House) -> None:
    file_id = house.announce()
    first = house.upload(file_id, b"Version one.")
    second = house.upload(file_id, b"Version two.")

    def meanwhile() -> None:
        house.doors.at.clear()
        house.deliver(second, "m2")

    house.doors.at["after upsert"] = meanwhile
    house.deliver(first, "m1")

    assert house.find("version") == ["Version two."]
    assert house.row(file_id)["status"] == "completed"


def test_a_failure_of_a_worker_that_lost_its_claim_is_not_written(house: House) -> None:
    file_id = house.announce()
    first = house.upload(file_id, b"Version one.")
    second = house.upload(file_id, b"Version two.")

    def meanwhile() -> None:
        house.doors.at.clear()
        house.deliver(second, "m2")
        raise EmbedderUnavailableError("Down.")

    house.doors.at["before embed"] = meanwhile
    house.deliver(first, "m1")

    assert house.row(file_id)["status"] == "completed"
    assert house.queue.sent == []


def test_a_file_deleted_while_it_is_processed_leaves_nothing(house: House) -> None:
    file_id = house.announce()

    def delete() -> None:
        with house.database.tenant(house.tenant_id) as work:
            work.files.delete(file_id)

    house.doors.at["after upsert"] = delete
    house.deliver(house.upload(file_id, DATA))

    assert_whole(house, texts=0)


def test_a_text_that_goes_with_another_file_meanwhile_is_made_anew(house: House) -> None:
    other = house.add(DATA, "other.txt")
    file_id = house.announce()

    def delete() -> None:
        house.doors.at.clear()
        with house.database.tenant(house.tenant_id) as work:
            work.files.delete(other)

    house.doors.at[f"after commit {2}"] = delete
    house.deliver(house.upload(file_id, DATA))
    assert house.row(file_id)["status"] == "pending"
    house.deliver_sent()

    assert house.row(file_id)["status"] == "completed"
    assert_whole(house)


def test_two_workers_with_the_same_bytes_at_once_share_one_text(house: House) -> None:
    first, second = house.announce("a.txt"), house.announce("b.txt")
    event_of_second = house.upload(second, DATA)

    def meanwhile() -> None:
        house.doors.at.clear()
        house.deliver(event_of_second, "m2")

    house.doors.at["after extract"] = meanwhile
    house.deliver(house.upload(first, DATA), "m1")

    assert {house.row(first)["status"], house.row(second)["status"]} == {"completed"}
    assert house.row(first)["text_id"] == house.row(second)["text_id"]
    assert_whole(house)


def test_a_postponed_message_is_sent_again_as_it_was(house: House) -> None:
    event = house.upload(house.announce(), DATA)
    postpone_message(house.ingestion(), event)

    assert house.queue.sent == [(json.loads(event), 0)]
