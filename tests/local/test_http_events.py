"""Routes and answers of the gateway, as pure functions."""

import base64
import json
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.local.deployment import Route
from infra.local.http_events import Call, MalformedAnswerError, Match, http_response, match_route, proxy_event

ROUTES = [
    Route("ANY", "/{proxy+}", "catch_all", authorized=True),
    Route("GET", "/files/{id}", "one_file", authorized=True),
    Route("ANY", "/files/{id}", "any_file", authorized=True),
    Route("GET", "/files/recent", "recent", authorized=True),
]
SEGMENTS = st.text(min_size=1, max_size=12).filter(lambda text: text not in (".", ".."))


def chosen(method: str, path: str) -> str | None:
    match = match_route(ROUTES, method, path)
    return match.route.function if match else None


@pytest.mark.parametrize(
    ("method", "path", "function"),
    [
        ("GET", "/files/recent", "recent"),
        ("GET", "/files/7", "one_file"),
        ("DELETE", "/files/7", "any_file"),
        ("GET", "/files/7/text", "catch_all"),
        ("POST", "/other", "catch_all"),
        ("GET", "/", None),
    ],
)
def test_the_most_specific_route_is_chosen(method: str, path: str, function: str | None) -> None:
    assert chosen(method, path) == function


def test_a_default_route_takes_what_no_other_does() -> None:
    routes = [*ROUTES, Route("ANY", "$default", "rest", authorized=False)]
    match = match_route(routes, "GET", "/")
    assert match is not None
    assert match.route.function == "rest"


@given(segment=SEGMENTS)
def test_path_parameters_come_decoded(segment: str) -> None:
    match = match_route(ROUTES[:2], "GET", "/files/" + quote(segment, safe=""))
    assert match is not None
    assert match.parameters == {"id": segment}


def call(body: bytes, content_type: str) -> Call:
    return Call("POST", "/x", "", [("content-type", content_type)], body, "127.0.0.1", "id", 0, "")


@given(body=st.binary(min_size=1), content_type=st.sampled_from(["application/json", "image/png", ""]))
def test_any_body_can_be_had_back(body: bytes, content_type: str) -> None:
    event = proxy_event(call(body, content_type), Match(ROUTES[0], {"proxy": "x"}), None)
    text = event["body"]
    assert (base64.b64decode(text) if event["isBase64Encoded"] else text.encode()) == body


@pytest.mark.parametrize("payload", [{"a": 1}, [1, 2], "text", 5, None])
def test_an_answer_without_a_status_is_the_body_of_a_200(payload: Any) -> None:
    response = http_response(json.dumps(payload).encode())
    assert response.status == 200
    assert response.body == (payload if isinstance(payload, str) else json.dumps(payload)).encode()


@pytest.mark.parametrize(
    "payload",
    [
        b"not json",
        b'{"statusCode": "many"}',
        b'{"statusCode": 99}',
        b'{"statusCode": 200, "headers": "x"}',
        b'{"statusCode": 200, "body": "%%%", "isBase64Encoded": true}',
    ],
)
def test_an_answer_of_another_shape_is_an_error(payload: bytes) -> None:
    with pytest.raises(MalformedAnswerError):
        http_response(payload)


def test_several_values_of_a_header_are_kept() -> None:
    answer = {"statusCode": 200, "multiValueHeaders": {"X-A": ["1", "2"]}, "body": ""}
    assert [row for row in http_response(json.dumps(answer).encode()).headers if row[0] == "x-a"] == [
        ("x-a", "1"),
        ("x-a", "2"),
    ]


def test_a_line_break_in_a_header_cannot_begin_another() -> None:
    answer = {"statusCode": 302, "headers": {"Location": "/a\r\nSet-Cookie: stolen=1"}}
    headers = dict(http_response(json.dumps(answer).encode()).headers)
    assert headers["location"] == "/a Set-Cookie: stolen=1"
