"""A batch that ends every process which reads it: it fails alone, and the loop of crashes ends."""

import uuid
from pathlib import Path

from census.application.drain_dead_letters import CRASHED
from census.ports.job_store import BatchKey
from census.ports.language_model import ReadReply, ReadRequest
from tests.engine.house import EngineHouse
from tests.engine.started_jobs import dispatched
from tests.engine.worker_process import LINE_LENGTH, calls_in, start_worker
from tests.fakes.scripted_model import ScriptedLanguageModel, about

POISON = "number 3."


class ProcessEndedError(BaseException):
    """What a test sees of a process that is gone: nothing of its invocation is recorded any more."""


def ending(_request: ReadRequest) -> ReadReply:
    raise ProcessEndedError


def die_together(house: EngineHouse, job_id: uuid.UUID, batches: int) -> None:
    """An invocation with all batches ended without a word."""
    with house.database.tenant(house.tenant_id) as work:
        work.batches.claim([BatchKey(job_id, n) for n in range(1, batches + 1)], 60)
    house.expire_claims(job_id)


def test_exactly_the_poisonous_batch_fails_and_its_neighbours_are_read(house: EngineHouse) -> None:
    batches = 10
    house.model = model = ScriptedLanguageModel([about(POISON, ending)])
    job_id, token = dispatched(house, batches)
    house.queue.lose_everything()
    die_together(house, job_id, batches)
    for _ in range(10):
        house.expire_claims(job_id)
        house.reconcile(job_id)
        try:
            house.map()
        except ProcessEndedError:
            continue
        if house.job(job_id).remaining == 0:
            break
    house.follow(job_id, token)
    classes = house.classes(job_id)
    assert [name for name, (status, _) in classes.items() if status != "match"] == ["3"]
    assert classes["3"] == ("failed", CRASHED)
    assert model.calls == batches - 1 + 2, "twice alone, after the crash with the others"


def test_a_batch_that_kills_real_processes_fails_alone(
    house: EngineHouse, shared_url: str, tmp_path: Path
) -> None:
    batches, calls = 10, tmp_path / "calls"
    job_id, token = dispatched(house, batches)
    died = 0
    for _ in range(10):
        worker = start_worker(shared_url, calls, poison=POISON)
        lived = worker.read(house.queue.receive())
        assert worker.end() == (0 if lived else 1)
        died += not lived
        if house.job(job_id).remaining == 0:
            break
        house.expire_claims(job_id)
        house.reconcile(job_id)
    house.reconcile(job_id)
    house.follow(job_id, token)
    classes = house.classes(job_id)
    assert [name for name, (status, _) in classes.items() if status != "match"] == ["3"]
    assert classes["3"] == ("failed", CRASHED)
    asked = calls_in(calls)
    assert died == asked[f"We may audit {POISON} Nothing of note is said"[:LINE_LENGTH]] == 3
    assert max(asked.values()) == 3
    assert all(times <= 2 for text, times in asked.items() if POISON not in text)


def test_a_batch_given_back_in_good_order_is_no_suspect(house: EngineHouse) -> None:
    job_id, _ = dispatched(house, 2)
    die_together(house, job_id, 2)
    house.map()
    assert house.job(job_id).remaining == 0
