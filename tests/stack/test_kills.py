"""kill -9 in mid-job: the job ends all the same, and nothing that was recorded is paid for again."""

import os
import signal
import time
from collections.abc import Iterable
from pathlib import Path

import pytest

from tests.stack.mid_job import INVOCATIONS, PAPERS, MidJob, mid_job
from tests.stack.person import Person
from tests.stack.processes import is_gone, wait_for
from tests.stack.promises import promising, question_about
from tests.stack.quotes import check_ledger, result_of
from tests.stack.running import running_stack
from tests.stack.seeding import BatchRow, is_used_by_others

pytestmark = pytest.mark.stack

TWO_MINUTES = 120.0


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
    folder: Path,
) -> None:
    with mid_job(folder) as made:
        job_id = made.start("candles")
        running = made.stack.kill()
        url = made.stack.database_url
        wait_for(lambda: not is_used_by_others(url), "the end of what dead workers had sent")
        recorded = [batch for batch in made.batches(job_id) if batch.outcome]
        made.stack.kill_database()
        wait_for(lambda: all(map(is_gone, running)), "the end of every process")
        restarted = time.monotonic()
        with running_stack(folder, made.server.base_url, MapConcurrency=str(INVOCATIONS)) as again:
            made = MidJob(again, made.server, Person(again.url, made.person.name))
            check_answer(made, job_id)
            asked = made.asked("candles", since=restarted)
            assert recorded
            assert set(asked) == windows_of(made.batches(job_id)) - windows_of(recorded)
            assert set(asked.values()) == {1}
            assert again.stop() == 0
        assert all(map(is_gone, again.seen))
