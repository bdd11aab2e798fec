"""Cancelling a running job: at once, once, with what was read kept and what was not named."""

import pytest

from tests.stack.mid_job import PAPERS, MidJob
from tests.stack.processes import wait_for
from tests.stack.promises import promising, question_about
from tests.stack.quotes import check_ledger, result_of

pytestmark = pytest.mark.stack


def cancelled(made: MidJob, promise: str) -> str:
    """The id of a job cancelled while some papers are read and others are not."""
    job_id = made.start(promise)
    answer = made.person.call("POST", f"/jobs/{job_id}/cancel")
    assert answer.status == 202
    assert answer.json["status"] == "cancelled"
    return job_id


def test_a_running_job_can_be_cancelled_once_and_says_what_it_skipped(worked: MidJob) -> None:
    job_id = cancelled(worked, "drums")
    job = worked.person.client.job(job_id)
    check_ledger(job, PAPERS)
    skipped = result_of(job)["ledger"]["skipped"]
    assert 0 < skipped < PAPERS
    details = worked.person.call("GET", f"/jobs/{job_id}").json["aggregation_details"]
    assert details["skipped"] == {"cancelled": skipped}
    again = worked.person.call("POST", f"/jobs/{job_id}/cancel")
    assert again.status == 409
    assert again.json["state"] == "cancelled"


def test_late_results_of_a_cancelled_job_are_kept_and_reopen_nothing(worked: MidJob) -> None:
    job_id = cancelled(worked, "engines")
    ended = worked.person.client.job(job_id)
    wait_for(lambda: worked.messages() == 0, "the calls that were under way")
    later = worked.person.client.job(job_id)
    assert (later["status"], later["result"]) == ("cancelled", ended["result"])
    again = worked.person.answer(question_about("engines"))
    assert result_of(again)["ledger"]["match"] == promising(PAPERS)
    assert sorted(worked.asked("engines").values()) == [1] * PAPERS
