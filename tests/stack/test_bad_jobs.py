"""Jobs that meet what nobody wishes for, over HTTP, with a model that is paid and whose calls are counted."""

import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pytest

from infra.local.stack import LocalStack
from tests.data_folder import data_folder
from tests.model_server import AskedWindow, ModelServer, ScriptedBrain
from tests.model_server.brains import Json
from tests.stack.person import Person, somebody
from tests.stack.processes import wait_for
from tests.stack.promises import papers, promising_brain, question_about, statement_about
from tests.stack.running import ROOT
from tests.stack.seeding import seed_documents
from tests.stack.test_bad_input import check_problem

pytestmark = pytest.mark.stack

SLOW_SECONDS = 2.0
SLOWLY_READ = ("candles", "drums")
ATTEMPTS = 2 * 3
"""Three, of the model and of the stronger one."""
GIBBERISH = "Whoever reads this talks nonsense for ever."


@dataclass(frozen=True)
class Spoiled(ScriptedBrain):
    """Reads by script, some promises slowly; a window that spoils it gets no JSON, however often."""

    def read(self, criteria: Sequence[Json], window: AskedWindow) -> dict[str, Json]:
        if any(promise in entry["statement"] for entry in criteria for promise in SLOWLY_READ):
            time.sleep(SLOW_SECONDS)
        return super().read(criteria, window)

    def tampered(self, windows: Sequence[AskedWindow], reply: Json) -> Json | str:
        return "I would rather not." if any(GIBBERISH in window.text for window in windows) else reply


@dataclass(frozen=True)
class Place:
    """A stack, its model, and people with papers, each paper a batch of its own."""

    stack: LocalStack
    server: ModelServer

    def person(self, count: int, **texts: str) -> Person:
        someone = somebody(self.stack.url)
        self.add(someone, {**papers(count), **texts})
        return someone

    def add(self, person: Person, texts: dict[str, str]) -> None:
        seed_documents(self.stack.database_url, person.name, texts)

    def asked(self, promise: str) -> Counter[str]:
        """How often each window was asked about a promise, whoever's it was."""
        wanted = statement_about(promise)
        calls = (call for call in self.server.map_calls if wanted in call.criteria)
        return Counter(window for call in calls for window in call.windows)


@pytest.fixture(scope="module")
def place() -> Iterator[Place]:
    known = promising_brain()
    with data_folder() as data, ModelServer(Spoiled(known.plans, known.words)) as server:
        model = {"OPENAI_API_KEY": "test", "OPENAI_BASE_URL": server.base_url}
        with LocalStack(ROOT / "template.yaml", data, environment=model) as stack:
            yield Place(stack, server)


def ask(person: Person, promise: str, **more: Any) -> str:
    """The id of the job that the question opens."""
    body = {"content": question_about(promise), **more}
    answer = person.call("POST", f"/conversations/{person.conversation}/messages", body)
    assert answer.status == 202, answer.body
    return str(answer.json["job"]["id"])


def ended(person: Person, job_id: str) -> dict[str, Any]:
    person.wait(job_id)
    job: dict[str, Any] = person.call("GET", f"/jobs/{job_id}").json
    return job


def wait_until_read(person: Person, job_id: str) -> None:
    """Until the job's batches are cut and out to be read, which takes SLOW_SECONDS."""
    wait_for(
        lambda: person.call("GET", f"/jobs/{job_id}").json["current_phase"] == "mapping",
        "the job to be read",
        every=0.05,
    )


def test_a_cap_of_nothing_reads_nothing_and_a_higher_one_reads_everything_once(place: Place) -> None:
    person = place.person(5)

    job_id = ask(person, "apples", max_cost_usd=0)
    capped = ended(person, job_id)
    calls = sum(place.asked("apples").values())
    retried = person.call("POST", f"/jobs/{job_id}/retry", {"max_cost_usd": 5})
    done = ended(person, job_id)

    assert (capped["status"], calls) == ("partial", 0)
    assert capped["result"]["ledger"]["skipped"] == 5
    assert capped["aggregation_details"]["skipped"] == {"cap": 5}
    assert retried.status == 202
    assert (done["status"], done["result"]["ledger"]["match"]) == ("completed", 2)
    assert set(place.asked("apples").values()) == {1}
    assert len(place.asked("apples")) == 5


def test_a_job_that_waits_is_approved_once_and_a_finished_one_never(place: Place) -> None:
    person = place.person(3)

    job_id = ask(person, "bridges", approve_above_usd=0)
    waiting = ended(person, job_id)
    nonsense = person.call("POST", f"/jobs/{job_id}/approve", {"plan": {"kind": "count", "model": "x"}})
    bad_cap = person.call("POST", f"/jobs/{job_id}/approve", {"max_cost_usd": "much"})
    asked_before = place.asked("bridges")
    approved = person.call("POST", f"/jobs/{job_id}/approve")
    done = ended(person, job_id)

    assert (waiting["status"], asked_before) == ("awaiting_approval", Counter())
    check_problem(nonsense, 422, "invalid-fields")
    check_problem(bad_cap, 422, "invalid-fields")
    assert approved.status == 202
    assert done["status"] == "completed"
    again = person.call("POST", f"/jobs/{job_id}/approve")
    check_problem(again, 409, "conflict")
    assert again.json["state"] == "completed"
    for action in ("cancel", "retry"):
        check_problem(person.call("POST", f"/jobs/{job_id}/{action}"), 409, "conflict")


def test_a_collection_that_changes_while_the_job_runs_is_the_one_it_was(place: Place) -> None:
    person = place.person(5)
    (victim, *_) = (row["id"] for row in person.client.files())

    job_id = ask(person, "candles")
    wait_until_read(person, job_id)
    place.add(person, {"late.txt": "This paper promises candles."})
    deleted = person.call("DELETE", f"/files/{victim}")
    job = ended(person, job_id)

    assert deleted.status == 204
    assert job["status"] == "completed"
    assert job["result"]["ledger"]["total"] == 5
    assert job["result"]["ledger"]["skipped"] == 1
    assert job["aggregation_details"]["skipped"] == {"deleted": 1}
    assert victim not in {citation["source_id"] for citation in job["result"]["citations"]}


def test_a_job_is_cancelled_once_while_it_runs(place: Place) -> None:
    person = place.person(5)

    job_id = ask(person, "drums")
    wait_until_read(person, job_id)
    cancelled = person.call("POST", f"/jobs/{job_id}/cancel")
    again = person.call("POST", f"/jobs/{job_id}/cancel")

    assert (cancelled.status, cancelled.json["status"]) == (202, "cancelled")
    assert sum(v for k, v in cancelled.json["result"]["ledger"].items() if k != "total") == 5
    check_problem(again, 409, "conflict")
    assert again.json["state"] == "cancelled"


def test_a_model_that_talks_nonsense_for_ever_fails_those_documents_within_the_budget(place: Place) -> None:
    person, hopeless = place.person(2, **{"bad.txt": GIBBERISH}), place.person(0, **{"bad.txt": GIBBERISH})

    asked = [(who, ask(who, "engines", max_cost_usd=1)) for who in (person, hopeless)]
    job, lost = (ended(who, job_id) for who, job_id in asked)

    assert job["status"] == "partial"
    assert job["result"]["ledger"]["failed"] >= 1
    assert job["error_message"]
    assert job["cost"]["spent_usd"] <= 1
    assert max(place.asked("engines").values()) <= 2 * ATTEMPTS
    assert (lost["status"], bool(lost["error_message"])) == ("failed", True)


def test_one_percent_of_new_documents_costs_that_many_calls(place: Place) -> None:
    person = place.person(100)
    ended(person, ask(person, "flags"))
    before, planned = place.asked("flags"), len(place.server.calls)
    place.add(person, {"new.txt": "The new paper promises flags."})

    job = ended(person, ask(person, "flags"))

    assert job["result"]["ledger"]["total"] == 101
    assert sum((place.asked("flags") - before).values()) == 1
    assert len(place.server.calls) - planned <= 2
