"""A double click must not buy two jobs."""

from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest

from tests.stack.person import Answer, Person

pytestmark = pytest.mark.stack

QUESTION = "How many documents mention flowers?"


def post(person: Person, key: str, content: str = QUESTION) -> Answer:
    path = f"/conversations/{person.conversation}/messages"
    return person.call("POST", path, {"content": content}, headers={"Idempotency-Key": key})


def test_two_identical_requests_at_once_make_one_job_and_get_the_same_answer(person: Person) -> None:
    person.send_texts({"note.txt": "Thank you for the flowers."})
    key = str(uuid4())
    assert person.conversation
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: post(person, key), range(4)))
    assert {answer.status for answer in answers} == {202}
    assert all(answer.json == answers[0].json for answer in answers)
    job_id = answers[0].json["job"]["id"]
    assert {answer.headers["Location"] for answer in answers} == {f"/jobs/{job_id}"}
    assert len(person.call("GET", "/jobs").json["items"]) == 1
    assert person.wait(job_id)["status"] == "completed"
    assert post(person, key).json == answers[0].json
    messages = person.call("GET", f"/conversations/{person.conversation}/messages").json["items"]
    assert [message["role"] for message in messages] == ["user", "assistant"]


def test_the_same_key_with_another_question_is_refused(person: Person) -> None:
    key = str(uuid4())
    assert post(person, key).status == 202
    refused = post(person, key, "How many documents mention catering?")
    assert refused.status == 422
    assert refused.json["type"].endswith("idempotency-key-reused")
    assert len(person.call("GET", "/jobs").json["items"]) == 1
