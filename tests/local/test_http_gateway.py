"""The gateway answers as API Gateway's HTTP API would, and plays its authorizer."""

import base64
import http.client
import socket
from urllib.parse import urlsplit

import pytest

from tests.local.rig import Rig, fetch


def claims(rig: Rig, **headers: str) -> dict[str, str]:
    answer = fetch(f"{rig.stack.url}/anything", "GET", None, **headers)
    assert answer.status == 200
    found: dict[str, str] = answer.json["requestContext"]["authorizer"]["jwt"]["claims"]
    return found


@pytest.mark.parametrize(
    ("token", "user", "tenant"),
    [
        ("dev-alice", "alice", "alice"),
        ("dev-alice@acme", "alice", "acme"),
        ("dev-a.b_c-d", "a.b_c-d", "a.b_c-d"),
    ],
)
def test_a_development_token_names_user_and_tenant(rig: Rig, token: str, user: str, tenant: str) -> None:
    assert claims(rig, Authorization=f"Bearer {token}") == {
        "iss": "https://local.census",
        "sub": user,
        "tenant": tenant,
    }


def test_without_a_token_user_and_tenant_are_local(rig: Rig) -> None:
    found = claims(rig)
    assert (found["sub"], found["tenant"]) == ("local", "local")


@pytest.mark.parametrize(
    "header", ["Bearer alice", "dev-alice", "Bearer dev-", "Bearer dev-a b", "Basic eA==", ""]
)
def test_any_other_token_is_unauthorized(rig: Rig, header: str) -> None:
    answer = fetch(f"{rig.stack.url}/anything", Authorization=header)
    assert answer.status == 401
    assert answer.json == {"message": "Unauthorized"}


def test_an_open_route_needs_no_token_and_carries_no_claims(rig: Rig) -> None:
    answer = fetch(f"{rig.stack.url}/health", Authorization="nonsense")
    assert answer.status == 200
    assert "authorizer" not in answer.json["requestContext"]


def test_the_event_carries_path_query_cookies_headers_and_body(rig: Rig) -> None:
    url = f"{rig.stack.url}/items/a%20b?x=1&y=2&x=3&empty="
    event = fetch(url, Cookie="a=1; b=2", X_Thing="Yes").json
    assert event["rawPath"] == "/items/a b"
    assert event["rawQueryString"] == "x=1&y=2&x=3&empty="
    assert event["queryStringParameters"] == {"x": "1,3", "y": "2", "empty": ""}
    assert event["pathParameters"] == {"id": "a b"}
    assert event["cookies"] == ["a=1", "b=2"]
    assert event["headers"]["x-thing"] == "Yes"
    assert "cookie" not in event["headers"]
    assert event["routeKey"] == "GET /items/{id}"


def test_text_bodies_come_as_text_and_others_in_base64(rig: Rig) -> None:
    text = fetch(f"{rig.stack.url}/x", "POST", '{"ü": 1}'.encode(), Content_Type="application/json").json
    assert (text["body"], text["isBase64Encoded"]) == ('{"ü": 1}', False)
    data = fetch(f"{rig.stack.url}/x", "POST", b"\x00\xff", Content_Type="application/octet-stream").json
    assert (base64.b64decode(data["body"]), data["isBase64Encoded"]) == (b"\x00\xff", True)


def test_an_answer_keeps_status_headers_and_cookies(rig: Rig) -> None:
    address = urlsplit(rig.stack.url)
    connection = http.client.HTTPConnection(address.netloc)
    connection.request("GET", "/cookies")
    response = connection.getresponse()
    assert (response.status, response.read()) == (201, b"made")
    assert response.headers.get_all("Set-Cookie") == ["a=1", "b=2"]
    assert response.headers["X-Kind"] == "x"
    connection.close()


def test_a_binary_answer_is_decoded(rig: Rig) -> None:
    answer = fetch(f"{rig.stack.url}/binary")
    assert answer.body == b"\x00\x01\x02\xff"


def test_a_layer_can_be_imported(rig: Rig) -> None:
    assert fetch(f"{rig.stack.url}/layer").body == b"hello from the layer"


@pytest.mark.parametrize("path", ["/fail", "/broken"])
def test_a_failing_function_is_an_internal_error(rig: Rig, path: str) -> None:
    answer = fetch(f"{rig.stack.url}{path}")
    assert answer.status == 500
    assert answer.json == {"message": "Internal Server Error"}


def test_no_route_is_not_found(rig: Rig) -> None:
    answer = fetch(f"{rig.stack.url}/")
    assert (answer.status, answer.json) == (404, {"message": "Not Found"})


def test_a_body_of_21_megabytes_is_refused_while_it_is_sent(rig: Rig) -> None:
    before = rig.stack.counters.requests["lambda", "Invoke"]
    answer = fetch(f"{rig.stack.url}/x", "POST", b"x" * 21_000_000)
    assert (answer.status, answer.json) == (413, {"message": "Request Entity Too Large"})
    assert rig.stack.counters.requests["lambda", "Invoke"] == before


def test_a_chunked_body_is_put_together_and_refused_when_too_large(rig: Rig) -> None:
    address = urlsplit(rig.stack.url)
    for chunks, status in ((2, 200), (11, 413)):
        connection = http.client.HTTPConnection(address.netloc)
        connection.request(
            "POST", "/x", (b"x" * 1_000_000 + b"y" * 50_000 for _ in range(chunks)), encode_chunked=True
        )
        response = connection.getresponse()
        assert response.status == status
        response.read()
        connection.close()


def test_head_answers_without_a_body(rig: Rig) -> None:
    answer = fetch(f"{rig.stack.url}/x", "HEAD")
    assert (answer.status, answer.body) == (200, b"")


@pytest.mark.parametrize(
    "garbage", [b"\x00\x01\x02\r\n\r\n", b"GET\r\n\r\n", b"POST / HTTP/1.1\r\nContent-Length: x\r\n\r\n"]
)
def test_malformed_http_does_no_harm(rig: Rig, garbage: bytes) -> None:
    address = urlsplit(rig.stack.url)
    with socket.create_connection((address.hostname or "", address.port or 0), timeout=60) as connection:
        connection.sendall(garbage)
        assert b"400" in connection.recv(4096)
    assert fetch(f"{rig.stack.url}/health").status == 200


def test_the_gateway_listens_on_loopback_only(rig: Rig) -> None:
    assert rig.stack.url.startswith("http://127.0.0.1:")
