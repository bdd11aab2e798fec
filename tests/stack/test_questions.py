"""Every way a question can take, over HTTP, with documents of a tenant of its own."""

import pytest

from tests.stack.person import Person, somebody
from tests.stack.quotes import check_ledger, check_quotes, result_of
from tests.stack.running import RunningStack

pytestmark = pytest.mark.stack

LEASE = (
    "This lease was signed on 1 June 2020.\n\nThe notice period for leaving the warehouse is nine months.\n"
)
LETTER = "Dear all,\n\nThank you for the flowers. The catering was excellent and nobody fell ill.\n"
LICENCE = "This licence is dated 3 May 2021.\n\nThe licensor may exercise audit rights once a year.\n"
DOCUMENTS = {"lease.txt": LEASE, "letter.md": LETTER, "licence.txt": LICENCE}


@pytest.fixture(scope="module")
def reader(stack: RunningStack) -> Person:
    person = somebody(stack.url)
    rows = person.send_texts(DOCUMENTS)
    assert [row["status"] for row in rows.values()] == ["completed"] * 3
    return person


def test_a_lookup_is_answered_at_once_with_the_sentence_it_rests_on(reader: Person) -> None:
    asked = reader.ask("What is the notice period for leaving the warehouse?")
    assert asked["route"]["kind"] == "lookup"
    assert asked.get("job") is None
    message = asked["message"]
    assert "nine months" in (message["content"] or "")
    assert message["citations"]
    texts = reader.texts()
    for citation in message["citations"]:
        text = texts[citation["source_id"]]
        assert text[citation["char_start"] : citation["char_end"]] == citation["quote"]
    assert message["citations"][0]["source_name"] == "lease.txt"


def test_a_question_about_the_files_is_answered_by_counting_them(reader: Person) -> None:
    asked = reader.ask("How many documents do I have?")
    assert asked["route"]["kind"] == "metadata"
    assert "3 documents" in (asked["message"]["content"] or "")


def test_a_question_that_rules_cannot_plan_is_answered_by_a_question(reader: Person) -> None:
    asked = reader.ask("Which documents mention?")
    assert asked["route"]["kind"] == "clarification"
    assert asked["message"]["content"]
    assert asked["message"]["job_id"] is None


def test_the_caller_can_force_either_route(reader: Person) -> None:
    forced = reader.ask("How many documents mention audit rights?", route="lookup")
    assert forced["route"]["kind"] == "lookup"
    whole = reader.ask("mention flowers", route="collection")
    assert whole["route"]["kind"] == "collection"
    job = whole.get("job")
    assert job is not None
    ended = reader.wait(job["id"])
    assert ended["status"] == "completed"
    check_ledger(ended, 3)


def test_a_job_is_accepted_with_its_address_and_its_answer_fills_the_waiting_message(reader: Person) -> None:
    question = "Which documents mention 'audit rights'?"
    path = f"/conversations/{reader.conversation}/messages"
    accepted = reader.call("POST", path, {"content": question})
    assert accepted.status == 202
    job_id = accepted.json["job"]["id"]
    assert accepted.headers["Location"] == f"/jobs/{job_id}"
    assert accepted.json["message"]["content"] is None
    job = reader.wait(job_id)
    assert result_of(job)["table"] == {"columns": ["document"], "rows": [["licence.txt"]]}
    assert check_quotes(reader, job, reader.texts()) >= 1
    messages = reader.call("GET", f"{path}?limit=200").json["items"]
    assert [m["role"] for m in messages] == ["user", "assistant"] * (len(messages) // 2)
    assert [m["created_at"] for m in messages] == sorted(m["created_at"] for m in messages)
    asked, answered = messages[-2:]
    assert asked["content"] == question
    assert (answered["job_id"], answered["content"]) == (job_id, result_of(job)["answer"])


def test_jobs_are_listed_newest_first_and_by_status(reader: Person) -> None:
    mine = [reader.answer(f"How many documents mention {word}?")["id"] for word in ("flowers", "leaving")]
    listed = reader.call("GET", "/jobs?limit=2").json
    assert [job["id"] for job in listed["items"]] == mine[::-1]
    assert listed["next_cursor"]
    done = reader.call("GET", "/jobs?status=completed").json["items"]
    assert set(mine) <= {job["id"] for job in done}
    assert reader.call("GET", "/jobs?status=processing").json["items"] == []
