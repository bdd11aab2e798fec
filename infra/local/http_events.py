"""API Gateway's HTTP API on paper: routes, payload format 2.0, and answers. Pure.

Source: "Working with AWS Lambda proxy integrations for HTTP APIs" in the API Gateway Developer Guide.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, unquote

from infra.local.deployment import ACCOUNT, Route
from infra.local.loopback_server import Response

JSON_TYPE = ("Content-Type", "application/json")
TEXT_TYPES = (
    "text/",
    "application/json",
    "application/xml",
    "application/javascript",
    "application/x-www-form",
)
HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "upgrade", "te", "trailer", "content-length"}


class MalformedAnswerError(Exception):
    """The function's answer is none that the gateway can turn into HTTP."""


@dataclass(frozen=True)
class Match:
    """The route chosen for a request, and the values of its path parameters, decoded."""

    route: Route
    parameters: Mapping[str, str]


def match_route(routes: Sequence[Route], method: str, path: str) -> Match | None:
    """The most specific route: literal before `{name}` before `{name+}`, method before ANY, then $default."""
    found = []
    for route in routes:
        parameters = _path_parameters(route.path, path)
        if parameters is not None and route.method in (method, "ANY"):
            found.append((_rank(route), Match(route, parameters)))
    return min(found, key=lambda pair: pair[0])[1] if found else None


def _path_parameters(pattern: str, path: str) -> dict[str, str] | None:
    if pattern == "$default":
        return {}
    expression = ""
    for literal, name, greedy in re.findall(r"([^{]*)(?:\{(\w+)(\+?)\})?", pattern):
        expression += re.escape(literal)
        if name:
            expression += f"(?P<{name}>{'.+' if greedy else '[^/]+'})"
    match = re.fullmatch(expression, path)
    return {name: unquote(value) for name, value in match.groupdict().items()} if match else None


def _rank(route: Route) -> tuple[bool, int, int, int, bool]:
    greedy = route.path.count("+}")
    return (route.path == "$default", greedy, route.path.count("{"), -len(route.path), route.method == "ANY")


@dataclass(frozen=True)
class Call:
    """An HTTP request as the gateway saw it. `path` is percent-encoded, header names in lower case."""

    method: str
    path: str
    query: str
    headers: Sequence[tuple[str, str]]
    body: bytes
    client: str
    request_id: str
    epoch_ms: int
    time: str
    """As in 31/Jan/2026:12:00:00 +0000."""


def proxy_event(call: Call, match: Match, claims: Mapping[str, str] | None) -> dict[str, Any]:
    """The event in payload format 2.0; keys that AWS leaves out when empty are left out."""
    headers = _joined((name, value) for name, value in call.headers if name != "cookie")
    cookies = [
        part for name, value in call.headers if name == "cookie" for part in re.split(r";\s*", value) if part
    ]
    event: dict[str, Any] = {
        "version": "2.0",
        "routeKey": _route_key(match.route),
        "rawPath": unquote(call.path),
        "rawQueryString": call.query,
        "headers": headers,
        "requestContext": _request_context(call, match.route, headers),
        "isBase64Encoded": False,
    }
    if claims is not None:
        event["requestContext"]["authorizer"] = {"jwt": {"claims": dict(claims), "scopes": None}}
    if cookies:
        event["cookies"] = cookies
    if call.query:
        event["queryStringParameters"] = _joined(parse_qsl(call.query, keep_blank_values=True))
    if match.parameters:
        event["pathParameters"] = dict(match.parameters)
    return event | _body(call.body, headers.get("content-type", ""))


def _request_context(call: Call, route: Route, headers: Mapping[str, str]) -> dict[str, Any]:
    return {
        "accountId": ACCOUNT,
        "apiId": "local",
        "domainName": headers.get("host", ""),
        "domainPrefix": "local",
        "http": {
            "method": call.method,
            "path": unquote(call.path),
            "protocol": "HTTP/1.1",
            "sourceIp": call.client,
            "userAgent": headers.get("user-agent", ""),
        },
        "requestId": call.request_id,
        "routeKey": _route_key(route),
        "stage": "$default",
        "time": call.time,
        "timeEpoch": call.epoch_ms,
    }


def _route_key(route: Route) -> str:
    return route.path if route.path == "$default" else f"{route.method} {route.path}"


def _joined(pairs: Any) -> dict[str, str]:
    """Repeated names joined by commas, in order."""
    joined: dict[str, str] = {}
    for name, value in pairs:
        joined[name] = f"{joined[name]},{value}" if name in joined else value
    return joined


def _body(body: bytes, content_type: str) -> dict[str, Any]:
    if not body:
        return {}
    if not content_type or content_type.lower().startswith(TEXT_TYPES) or "+json" in content_type.lower():
        try:
            return {"body": body.decode("utf-8"), "isBase64Encoded": False}
        except UnicodeDecodeError:
            pass  # not the text it claims to be: sent on as bytes, below
    return {"body": base64.b64encode(body).decode("ascii"), "isBase64Encoded": True}


def http_response(payload: bytes) -> Response:
    """The HTTP answer a function's result stands for; raises MalformedAnswerError.

    An object without `statusCode`, or any other JSON value, is the body of a 200 itself.
    """
    try:
        answer = json.loads(payload or b"null")
    except ValueError as error:
        raise MalformedAnswerError("the answer is not JSON") from error
    if not isinstance(answer, dict) or "statusCode" not in answer:
        text = answer if isinstance(answer, str) else json.dumps(answer)
        return Response(200, text.encode(), [JSON_TYPE])
    try:
        status = int(answer["statusCode"])
        headers = _answer_headers(answer)
        body = _answer_body(answer)
    except (TypeError, ValueError, AttributeError, binascii.Error) as error:
        raise MalformedAnswerError(f"the answer has a wrong shape: {error}") from error
    if not 200 <= status <= 599:
        raise MalformedAnswerError(f"{status} is no status of an answer")
    return Response(status, body, headers)


def _answer_headers(answer: Mapping[str, Any]) -> list[tuple[str, str]]:
    headers = {str(name).lower(): [str(value)] for name, value in (answer.get("headers") or {}).items()}
    for name, values in (answer.get("multiValueHeaders") or {}).items():
        headers[str(name).lower()] = [str(value) for value in values]
    headers.setdefault("content-type", ["application/json"] if answer.get("body") else ["text/plain"])
    rows = [(name, value) for name, values in headers.items() if name not in HOP_BY_HOP for value in values]
    rows += [("set-cookie", str(cookie)) for cookie in answer.get("cookies") or []]
    # A line break within a value would begin a header of the sender's choice.
    return [(name, re.sub(r"[\r\n]+", " ", value)) for name, value in rows]


def _answer_body(answer: Mapping[str, Any]) -> bytes:
    body = answer.get("body")
    if body is None:
        return b""
    if answer.get("isBase64Encoded"):
        return base64.b64decode(str(body), validate=True)
    return (body if isinstance(body, str) else json.dumps(body)).encode()
