"""The description is generated from the code, true of the answers, and committed as it is generated."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

from census.lambda_support.openapi import openapi_document
from functions.serve_api.routes import build_app
from tests.api.conftest import ApiClient
from tests.api.documents import add_document

COMMITTED = Path(__file__).parents[2] / "docs" / "openapi.json"
REFRESH = "Refresh it: python -m functions.serve_api.describe > docs/openapi.json"
OPERATIONS = {
    "POST /files",
    "GET /files",
    "GET /files/{file_id}",
    "GET /files/{file_id}/text",
    "GET /files/{file_id}/warnings",
    "POST /files/{file_id}/retry",
    "DELETE /files/{file_id}",
    "POST /pages",
    "GET /pages",
    "GET /pages/{page_id}",
    "GET /pages/{page_id}/text",
    "POST /pages/{page_id}/retry",
    "POST /pages/{page_id}/refresh",
    "DELETE /pages/{page_id}",
    "POST /pages/crawls/{crawl_id}/cancel",
    "POST /conversations",
    "GET /conversations",
    "GET /conversations/{conversation_id}",
    "DELETE /conversations/{conversation_id}",
    "POST /conversations/{conversation_id}/messages",
    "GET /conversations/{conversation_id}/messages",
    "GET /jobs",
    "GET /jobs/{job_id}",
    "GET /jobs/{job_id}/rows",
    "POST /jobs/{job_id}/cancel",
    "POST /jobs/{job_id}/retry",
    "POST /jobs/{job_id}/approve",
    "POST /jobs/{job_id}/regroup",
    "POST /estimates",
    "GET /usage",
    "GET /health",
}


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    """The description as generated."""
    return openapi_document(build_app())


def test_the_committed_description_is_the_generated_one(document: dict[str, Any]) -> None:
    assert json.loads(COMMITTED.read_text()) == document, REFRESH


def test_every_operation_is_described(document: dict[str, Any]) -> None:
    found = {f"{method.upper()} {path}" for path, item in document["paths"].items() for method in item}

    assert found == OPERATIONS


def test_every_reference_resolves_and_nothing_is_left_over(document: dict[str, Any]) -> None:
    wanted = set(re.findall(r"#/components/schemas/(\w+)", json.dumps(document)))

    assert wanted == set(document["components"]["schemas"])


def test_health_alone_needs_no_token(document: dict[str, Any]) -> None:
    open_paths = {
        path for path, item in document["paths"].items() for op in item.values() if op.get("security") == []
    }

    assert document["security"] == [{"token": []}]
    assert open_paths == {"/health"}


def test_the_function_serves_its_description_and_a_page_for_people(anonymous: ApiClient) -> None:
    description, page = anonymous.get("/openapi.json"), anonymous.get("/docs")

    assert description.json["openapi"].startswith("3.1")
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    for operation in OPERATIONS:
        assert operation.partition(" ")[2] in page.text
    assert not re.search(r"(?:src|href)=[\"']?(?:https?:)?//", page.text)


def _check(document: dict[str, Any], operation: str, status: int, body: Any) -> None:
    """The body is what the description says of that answer."""
    method, _, path = operation.partition(" ")
    answer = document["paths"][path][method.lower()]["responses"][str(status)]
    schema = next(iter(answer["content"].values()))["schema"]
    Draft202012Validator({**schema, "components": document["components"]}).validate(body)


def test_answers_are_as_described(api: ApiClient, document: dict[str, Any]) -> None:
    add_document("acme.txt", "The term of the Acme agreement is five years.")
    file_id = api.post("/files", {"filename": "a.txt"}).json["id"]
    conversation = api.conversation()
    messages = f"/conversations/{conversation}/messages"
    lookup = {"content": "What is the term of the Acme agreement?", "route": "lookup"}
    asked = api.post(messages, {"content": "How many contracts mention indemnification?"})
    job = asked.headers["location"]

    for operation, status, answer in (
        ("POST /files", 201, api.post("/files", {"filename": "b.txt"})),
        ("GET /files", 200, api.get("/files")),
        ("GET /files/{file_id}", 200, api.get(f"/files/{file_id}")),
        ("GET /files/{file_id}", 404, api.get("/files/none")),
        ("POST /files/{file_id}/retry", 409, api.post(f"/files/{file_id}/retry")),
        ("POST /conversations", 201, api.post("/conversations", {})),
        ("GET /conversations", 200, api.get("/conversations")),
        ("POST /conversations/{conversation_id}/messages", 202, asked),
        ("POST /conversations/{conversation_id}/messages", 201, api.post(messages, lookup)),
        ("POST /conversations/{conversation_id}/messages", 422, api.post(messages, {})),
        ("GET /conversations/{conversation_id}/messages", 200, api.get(messages)),
        ("GET /jobs", 200, api.get("/jobs")),
        ("GET /jobs/{job_id}", 200, api.get(job)),
        ("GET /jobs/{job_id}/rows", 200, api.get(f"{job}/rows")),
        ("POST /jobs/{job_id}/approve", 409, api.post(f"{job}/approve", {})),
        ("POST /jobs/{job_id}/cancel", 202, api.post(f"{job}/cancel")),
        ("GET /health", 200, api.get("/health")),
    ):
        assert answer.status == status, (operation, answer.text)
        _check(document, operation, status, answer.json)
