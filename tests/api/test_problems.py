"""Every error is problem details that say what was wrong, where, and what to do."""

import json
from typing import Any

import pytest

from tests.api import events
from tests.api.conftest import ApiClient, Drop, LogLines
from tests.api.events import Answer

ID = "6d2f1c52-9f0a-4c3e-8b1e-6a2f7c1d4e90"


def _check_problem(answer: Answer, status: int, kind: str) -> None:
    assert answer.status == status
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json
    assert problem["type"] == f"/problems/{kind}"
    assert problem["status"] == status
    assert problem["title"]
    assert problem["detail"]
    assert problem["instance"].startswith("/")


NO_JSON = ["{", "{'title': 1}", '{"title": NaN}', "nonsense", '{"a":1}{"b":2}', f'{{"title": {"9" * 5000}}}']


@pytest.mark.parametrize("body", NO_JSON)
def test_a_body_that_is_no_json_is_malformed(api: ApiClient, body: str) -> None:
    answer = api.call("POST", "/conversations", raw_body=body)

    _check_problem(answer, 400, "malformed-json")
    assert "sys." not in answer.json["detail"]


def test_a_body_that_lacks_is_asked_for_where_one_is_needed(api: ApiClient) -> None:
    for path in ("/estimates", "/files", "/pages"):
        answer = api.call("POST", path, raw_body="")
        _check_problem(answer, 422, "invalid-fields")
        assert answer.bad_paths == ["body"]


@pytest.mark.parametrize("body", ["[]", '[{"title": "x"}]', '"text"', "7", "true"])
def test_a_body_that_is_no_object_is_refused(api: ApiClient, body: str) -> None:
    answer = api.call("POST", "/conversations", raw_body=body)

    _check_problem(answer, 422, "invalid-fields")
    assert answer.bad_paths == ["body"]


def test_a_body_that_is_not_text_is_malformed(api: ApiClient) -> None:
    sent = events.event("POST", "/conversations", raw_body="/w==", claims=api.claims)
    sent["isBase64Encoded"] = True

    _check_problem(api.send(sent), 400, "malformed-json")


@pytest.mark.parametrize(
    "declared", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"]
)
def test_a_body_declared_as_something_else_is_refused(api: ApiClient, declared: str) -> None:
    answer = api.call("POST", "/conversations", {"title": "x"}, headers={"Content-Type": declared})

    _check_problem(answer, 415, "unsupported-media-type")


def test_json_with_a_charset_is_json(api: ApiClient) -> None:
    headers = {"Content-Type": "Application/JSON; charset=UTF-8"}

    assert api.call("POST", "/conversations", {"title": "x"}, headers=headers).status == 201


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({"content": ""}, "content"),
        ({"content": " \n\t "}, "content"),
        ({"content": "x" * 8_001}, "content"),
        ({"content": None}, "content"),
        ({"content": ["a"]}, "content"),
        ({"content": "a\x00b"}, "content"),
        ({}, "content"),
        ({"content": "x", "route": "metadata"}, "route"),
        ({"content": "x", "filters": {"colour": "red"}}, "filters.colour"),
        ({"content": "x", "filters": {"added_after": "yesterday"}}, "filters.added_after"),
        ({"content": "x", "filters": {"ids": ["no id"]}}, "filters.ids.0"),
        ({"content": "x", "max_cost_usd": -1}, "max_cost_usd"),
        ({"content": "x", "max_cost_usd": "much"}, "max_cost_usd"),
        ({"content": "x", "plan": []}, "plan"),
        ({"content": "x", "plan": {"note": "a\x00b"}}, "plan.note"),
        ({"content": "x", "temperature": 1}, "temperature"),
    ],
)
def test_a_bad_field_of_a_question_is_named(api: ApiClient, body: dict[str, Any], path: str) -> None:
    answer = api.post(f"/conversations/{api.conversation()}/messages", body)

    _check_problem(answer, 422, "invalid-fields")
    assert answer.bad_paths == [path]
    assert all(error["message"] for error in answer.json["errors"])


def test_several_bad_fields_are_all_named(api: ApiClient) -> None:
    answer = api.post("/files", {"filename": "", "size": -1, "tags": [1]})

    assert set(answer.bad_paths) == {"filename", "size", "tags.0"}


def test_what_is_nested_too_deep_is_refused(api: ApiClient) -> None:
    plan: dict[str, Any] = {}
    for _ in range(100):
        plan = {"p": plan}

    answer = api.post(f"/conversations/{api.conversation()}/messages", {"content": "x", "plan": plan})

    assert answer.status == 422
    assert "nested" in answer.json["errors"][0]["message"]


@pytest.mark.parametrize("body", ["[" * 20_000, '{"title":' + "[" * 200_000])
def test_a_body_too_deep_to_be_parsed_is_told_so_too(api: ApiClient, body: str) -> None:
    answer = api.call("POST", "/conversations", raw_body=body)

    assert answer.status == 422
    assert answer.json["errors"] == [{"path": "body", "message": "is nested more than 64 deep"}]


@pytest.mark.parametrize("path", ["/", "/nothing", "/files/x/y/z", "/reports", "/usages", "/files/"])
def test_an_unknown_path_is_not_found(api: ApiClient, path: str) -> None:
    answer = api.get(path)

    _check_problem(answer, 404, "not-found")
    assert path in answer.json["detail"]


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("PUT", "/files", "GET, POST"),
        ("PATCH", f"/files/{ID}", "DELETE, GET"),
        ("GET", f"/jobs/{ID}/cancel", "POST"),
        ("POST", "/health", "GET"),
    ],
)
def test_a_wrong_method_names_the_right_ones(api: ApiClient, method: str, path: str, allowed: str) -> None:
    answer = api.call(method, path)

    _check_problem(answer, 405, "method-not-allowed")
    assert answer.headers["allow"] == allowed


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/files/{}"),
        ("GET", "/files/{}/text"),
        ("POST", "/files/{}/retry"),
        ("DELETE", "/files/{}"),
        ("GET", "/conversations/{}"),
        ("DELETE", "/conversations/{}"),
        ("GET", "/conversations/{}/messages"),
        ("GET", "/jobs/{}"),
        ("GET", "/jobs/{}/rows"),
        ("POST", "/jobs/{}/cancel"),
        ("POST", "/jobs/{}/retry"),
        ("POST", "/jobs/{}/approve"),
    ],
)
@pytest.mark.parametrize("wrong", ["no-uuid", ID])
def test_unknown_ids_and_what_is_no_id_look_the_same(
    api: ApiClient, method: str, path: str, wrong: str
) -> None:
    answer = api.call(method, path.format(wrong))

    _check_problem(answer, 404, "not-found")


def test_without_a_user_nothing_is_served(anonymous: ApiClient) -> None:
    _check_problem(anonymous.get("/files"), 401, "unauthenticated")


def test_a_database_that_is_gone_makes_health_unavailable(anonymous: ApiClient, drop_database: Drop) -> None:
    drop_database()

    answer = anonymous.get("/health")

    _check_problem(answer, 503, "unavailable")
    assert int(answer.headers["retry-after"]) > 0


def test_a_defect_shows_no_internals_and_is_logged_with_the_request(
    api: ApiClient, monkeypatch: pytest.MonkeyPatch, log_lines: LogLines
) -> None:
    monkeypatch.setenv("UPLOAD_EXPIRY_SECONDS", "many secrets")

    answer = api.post("/files", {"filename": "a.txt"})

    _check_problem(answer, 500, "internal")
    assert "secrets" not in answer.text
    failed = next(line for line in log_lines() if line["level"] == "ERROR")
    assert failed["correlation_id"]
    assert "UPLOAD_EXPIRY_SECONDS" in failed["exception"]


def test_logs_carry_the_request_and_never_the_words_of_the_question(
    api: ApiClient, log_lines: LogLines
) -> None:
    path = f"/conversations/{api.conversation()}/messages"

    api.post(path, {"content": "How many contracts mention Zanzibar?"})

    assert "Zanzibar" not in json.dumps(log_lines())
    line = log_lines()[-1]
    assert (line["method"], line["path"], line["status"]) == ("POST", path, 202)
    assert line["correlation_id"]
