import uuid

import pytest

from tests.api.conftest import ApiClient


def test_a_conversation_is_made_with_its_title(api: ApiClient) -> None:
    made = api.post("/conversations", {"title": "  Contracts "})

    assert made.status == 201
    assert made.json["title"] == "Contracts"
    assert made.json["created_at"].endswith("Z")
    assert api.get(made.headers["location"]).json == made.json


def test_conversations_come_newest_first_and_page_by_page(api: ApiClient) -> None:
    ids = [api.conversation() for _ in range(5)]

    first = api.get("/conversations", limit="2").json
    second = api.get("/conversations", limit="2", cursor=first["next_cursor"]).json
    third = api.get("/conversations", limit="2", cursor=second["next_cursor"]).json

    seen = [item["id"] for page in (first, second, third) for item in page["items"]]
    assert seen == ids[::-1]
    assert third["next_cursor"] is None


def test_another_user_of_the_same_tenant_does_not_see_it(api: ApiClient) -> None:
    conversation = api.conversation()
    bob = api.another("bob", "acme")

    assert bob.get(f"/conversations/{conversation}").status == 404
    assert bob.get(f"/conversations/{conversation}/messages").status == 404
    assert bob.delete(f"/conversations/{conversation}").status == 404
    assert bob.get("/conversations").json["items"] == []


def test_a_user_who_acts_in_two_tenants_has_conversations_in_both(api: ApiClient) -> None:
    user = str(uuid.uuid4())
    here, there = api.another(user, "acme"), api.another(user, "globex")

    ours, theirs = here.conversation(), there.conversation()

    assert [item["id"] for item in here.get("/conversations").json["items"]] == [ours]
    assert [item["id"] for item in there.get("/conversations").json["items"]] == [theirs]


def test_a_deleted_conversation_is_gone_with_its_messages_and_jobs(api: ApiClient) -> None:
    conversation = api.conversation()
    asked = api.post(
        f"/conversations/{conversation}/messages",
        {"content": "How many contracts mention indemnification?"},
    )

    assert api.delete(f"/conversations/{conversation}").status == 204

    assert api.get(f"/conversations/{conversation}").status == 404
    assert api.get(f"/conversations/{conversation}/messages").status == 404
    assert api.get(asked.headers["location"]).status == 404
    assert api.delete(f"/conversations/{conversation}").status == 404


@pytest.mark.parametrize("wrong", ["nonsense", "6d2f1c52-9f0a-4c3e-8b1e-6a2f7c1d4e90"])
def test_what_is_no_conversation_is_not_found(api: ApiClient, wrong: str) -> None:
    answer = api.get(f"/conversations/{wrong}")

    assert answer.status == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json["type"] == "/problems/not-found"


@pytest.mark.parametrize("query", [{"limit": "0"}, {"limit": "201"}, {"limit": "many"}])
def test_a_limit_beyond_its_bounds_is_refused(api: ApiClient, query: dict[str, str]) -> None:
    answer = api.call("GET", "/conversations", query=query)

    assert answer.status == 422
    assert answer.bad_paths == ["limit"]


@pytest.mark.parametrize("cursor", ["x", "bm90IGpzb24", "WyIyMDI2IiwgMV0", "é"])
def test_a_cursor_that_no_page_gave_is_refused(api: ApiClient, cursor: str) -> None:
    answer = api.get("/conversations", cursor=cursor)

    assert answer.status == 422
    assert answer.bad_paths == ["cursor"]
