"""A double click must not buy two jobs."""

import multiprocessing
from concurrent.futures import ProcessPoolExecutor

import pytest

from tests.api.conftest import ApiClient, Cloud
from tests.api.documents import add_document, rows_of
from tests.api.events import Answer

COUNT = {"content": "How many contracts mention indemnification?"}
LOOKUP = {"content": "What is the term of the Acme agreement?", "route": "lookup"}


def _ask(client: ApiClient, path: str, key: str) -> Answer:
    """Runs in a process of its own, as two function instances do."""
    return client.post(path, COUNT, Idempotency_Key=key)


def test_the_same_key_and_question_get_the_same_job(api: ApiClient) -> None:
    path = f"/conversations/{api.conversation()}/messages"

    first = api.post(path, COUNT, Idempotency_Key="k-1")
    second = api.post(path, COUNT, Idempotency_Key="k-1")

    assert (first.status, first.json) == (second.status, second.json)
    assert first.headers["location"] == second.headers["location"]
    assert rows_of("processing_jobs", "messages") == [1, 2]


def test_the_answer_is_the_same_after_the_job_went_on(api: ApiClient) -> None:
    path = f"/conversations/{api.conversation()}/messages"
    first = api.post(path, COUNT, Idempotency_Key="k-1")
    api.post(f"{first.headers['location']}/cancel")

    assert api.post(path, COUNT, Idempotency_Key="k-1").json == first.json


def test_a_look_up_is_answered_once(api: ApiClient) -> None:
    add_document("acme.txt", "The term of the Acme agreement is five years.")
    path = f"/conversations/{api.conversation()}/messages"

    first = api.post(path, LOOKUP, Idempotency_Key="k-1")
    second = api.post(path, LOOKUP, Idempotency_Key="k-1")

    assert first.status == second.status == 201
    assert first.json == second.json
    assert rows_of("messages") == [2]


def test_the_same_key_with_another_question_is_refused(api: ApiClient) -> None:
    path = f"/conversations/{api.conversation()}/messages"
    api.post(path, COUNT, Idempotency_Key="k-1")

    answer = api.post(path, {**COUNT, "max_cost_usd": 2}, Idempotency_Key="k-1")

    assert answer.status == 422
    assert answer.json["type"] == "/problems/idempotency-key-reused"
    assert rows_of("processing_jobs") == [1]


def test_the_same_key_in_another_conversation_is_refused(api: ApiClient) -> None:
    first, second = api.conversation(), api.conversation()
    api.post(f"/conversations/{first}/messages", COUNT, Idempotency_Key="k-1")

    answer = api.post(f"/conversations/{second}/messages", COUNT, Idempotency_Key="k-1")

    assert answer.status == 422


def test_a_key_is_its_users_own(api: ApiClient) -> None:
    bob = api.another("bob", "acme")

    mine = api.post(f"/conversations/{api.conversation()}/messages", COUNT, Idempotency_Key="k-1")
    theirs = bob.post(f"/conversations/{bob.conversation()}/messages", COUNT, Idempotency_Key="k-1")

    assert mine.json["job"]["id"] != theirs.json["job"]["id"]


def test_without_a_key_two_questions_are_two_jobs(api: ApiClient) -> None:
    path = f"/conversations/{api.conversation()}/messages"

    assert api.post(path, COUNT).headers["location"] != api.post(path, COUNT).headers["location"]


def test_a_key_with_commas_is_one_key(api: ApiClient) -> None:
    path = f"/conversations/{api.conversation()}/messages"

    first = api.post(path, COUNT, Idempotency_Key="a,b, c")
    second = api.post(path, COUNT, Idempotency_Key="a,b, c")
    other = api.post(path, COUNT, Idempotency_Key="a,b,c")

    assert first.json == second.json != other.json


@pytest.mark.parametrize("key", ["", "k" * 201])
def test_a_key_that_is_empty_or_too_long_is_refused(api: ApiClient, key: str) -> None:
    answer = api.post(f"/conversations/{api.conversation()}/messages", COUNT, Idempotency_Key=key)

    assert answer.status == 422
    assert answer.bad_paths == ["idempotency-key"]


def test_a_refused_question_does_not_use_up_its_key(api: ApiClient) -> None:
    path = f"/conversations/{api.conversation()}/messages"
    api.post(path, {"content": ""}, Idempotency_Key="k-1")

    assert api.post(path, COUNT, Idempotency_Key="k-1").status == 202


def test_two_at_once_buy_one_job(api: ApiClient, cloud: Cloud) -> None:
    path = f"/conversations/{api.conversation()}/messages"
    spawn = multiprocessing.get_context("spawn")

    with ProcessPoolExecutor(4, mp_context=spawn) as pool:
        answers = list(pool.map(_ask, [api] * 8, [path] * 8, ["k-1"] * 8))

    assert {answer.status for answer in answers} == {202}
    assert all(answer.json == answers[0].json for answer in answers)
    assert rows_of("processing_jobs", "messages") == [1, 2]
