"""HTTP API events (payload 2.0) as API Gateway and its JWT authorizer make them."""

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

ISSUER = "https://issuer.example.com/"


def event(
    method: str,
    path: str,
    *,
    body: Any = None,
    raw_body: str | None = None,
    query: Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
    claims: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """An event; `body` is sent as JSON, `raw_body` as it stands."""
    text = json.dumps(body) if body is not None else raw_body
    context: dict[str, Any] = {
        "accountId": "123456789012",
        "apiId": "api",
        "domainName": "api.example.com",
        "http": {
            "method": method,
            "path": path,
            "protocol": "HTTP/1.1",
            "sourceIp": "192.0.2.1",
            "userAgent": "test",
        },
        "requestId": str(uuid.uuid4()),
        "routeKey": "ANY /{proxy+}",
        "stage": "$default",
        "time": "12/Nov/2026:19:03:58 +0000",
        "timeEpoch": 1_794_510_238_000,
    }
    if claims is not None:
        context["authorizer"] = {"jwt": {"claims": dict(claims), "scopes": None}}
    made: dict[str, Any] = {
        "version": "2.0",
        "routeKey": "ANY /{proxy+}",
        "rawPath": path,
        "rawQueryString": urlencode(query or {}),
        "headers": {"content-type": "application/json", **{k.lower(): v for k, v in (headers or {}).items()}},
        "requestContext": context,
        "isBase64Encoded": False,
    }
    if query:
        made["queryStringParameters"] = dict(query)
    if text is not None:
        made["body"] = text
    return made


@dataclass(frozen=True)
class Answer:
    """What the function answered."""

    status: int
    headers: Mapping[str, str]
    text: str

    @property
    def json(self) -> Any:
        """The body as data."""
        return json.loads(self.text)

    @property
    def bad_paths(self) -> list[str]:
        """The paths of the bad fields a problem names."""
        return [error["path"] for error in self.json["errors"]]


def answer(result: Mapping[str, Any]) -> Answer:
    """The function's result as an answer; header names in lower case."""
    headers = {name.lower(): str(value) for name, value in (result.get("headers") or {}).items()}
    return Answer(result["statusCode"], headers, result.get("body") or "")
