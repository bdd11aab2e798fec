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


TABLES = {
    "Compare 2020 and 2021: how many documents mention audit rights?": [
        ["2020", 0, 1, "0.0"],
        ["2021", 1, 1, "100.0"],
    ],
    "Which documents mention 'notice period' but not flowers?": [["lease.txt"]],
    "How often is the licensor mentioned in our documents?": [[1, 1]],
    "Summarise the documents that mention flowers": [[1]],
    "How many documents added since 2001-01-01 mention catering?": [[1]],
    "How many documents tagged nothing mention catering?": [[0]],
}


def test_rules_answer_every_kind_of_question(reader: Person) -> None:
    jobs = {question: reader.ask_all(question) for question in TABLES}
    ended = {question: reader.wait(job) for question, job in jobs.items()}
    for question, rows in TABLES.items():
        table = result_of(ended[question])["table"]
        assert table is not None
        assert table["rows"] == rows, question
    summary = result_of(ended["Summarise the documents that mention flowers"])["answer"]
    assert "Thank you for the flowers." in summary


def test_themes_by_rules_are_the_words_that_documents_share(reader: Person) -> None:
    table = result_of(reader.answer("What are the main themes of the documents?"))["table"]
    assert table is not None
    assert table["columns"] == ["theme", "mentions", "documents"]
    assert all(row[1] >= row[2] >= 1 for row in table["rows"])
    assert len(table["rows"]) > 3


def test_a_predicate_that_can_be_read_in_two_ways_is_asked_back(reader: Person) -> None:
    before = reader.call("GET", "/jobs?limit=200").json["items"]
    for question in ("How many important documents mention flowers?", "Compare 2020 and 2021"):
        path = f"/conversations/{reader.conversation}/messages"
        asked = reader.call("POST", path, {"content": question, "route": "collection"})
        assert asked.status == 201
        assert asked.json["route"]["kind"] == "clarification"
    assert reader.call("GET", "/jobs?limit=200").json["items"] == before
