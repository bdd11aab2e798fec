"""The server is as strict as the vendor: it rejects what the vendor would, and answers true to form."""

import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest
from openai import OpenAI

from census.adapters.openai.prompts import read_messages
from census.adapters.openai.schemas import lookup_schema, plan_schema, readings_schema
from tests.model_server import ModelServer, ScriptedBrain
from tests.model_server.strict_schema import fits, schema_problems
from tests.openai.asking import ORDERED, REFUND, REQUEST

Json = dict[str, Any]


@pytest.fixture
def server() -> Iterator[ModelServer]:
    with ModelServer(ScriptedBrain()) as running:
        yield running


def request_body(**changes: object) -> Json:
    schema = {"name": "window_readings", "strict": True, "schema": readings_schema(REQUEST.atoms)}
    body: Json = {
        "model": "gpt-5-mini",
        "messages": read_messages(REQUEST),
        "response_format": {"type": "json_schema", "json_schema": schema},
    }
    return {**body, **changes}


def post(
    server: ModelServer, body: object, path: str = "/chat/completions", key: str = "k"
) -> tuple[int, Json]:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    request = urllib.request.Request(server.base_url + path, data, {"Authorization": f"Bearer {key}"})
    try:
        with urllib.request.urlopen(request, timeout=60) as response:
            return response.status, json.load(response)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error)


def test_a_good_request_is_answered_in_the_vendors_form(server: ModelServer) -> None:
    status, reply = post(server, request_body())
    assert status == 200
    assert reply["object"] == "chat.completion"
    assert reply["id"].startswith("chatcmpl-")
    assert reply["choices"][0]["finish_reason"] == "stop"
    usage = reply["usage"]
    assert usage["total_tokens"] == usage["prompt_tokens"] + usage["completion_tokens"]


def open_object() -> Json:
    return {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"]}


@pytest.mark.parametrize(
    "changes",
    [
        {"messages": []},
        {"messages": [{"role": "user", "content": "hi"}]},
        {"messages": [{"role": "system", "content": ""}]},
        {"model": ""},
        {"response_format": None},
        {"response_format": {"type": "json_object"}},
        {"temperature": 0},
        {"max_tokens": 5},
    ],
)
def test_a_malformed_request_is_400(server: ModelServer, changes: Json) -> None:
    status, reply = post(server, request_body(**changes))
    assert status == 400
    assert reply["error"]["type"] == "invalid_request_error"


def test_a_schema_that_is_not_strict_is_400(server: ModelServer) -> None:
    schema = {"name": "window_readings", "strict": True, "schema": open_object()}
    status, reply = post(server, request_body(response_format={"type": "json_schema", "json_schema": schema}))
    assert status == 400
    assert "additionalProperties" in reply["error"]["message"]


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"\xff"])
def test_a_body_that_is_no_json_object_is_400(server: ModelServer, body: bytes) -> None:
    assert post(server, body)[0] == 400


def test_no_key_or_a_wrong_one_is_401(server: ModelServer) -> None:
    assert post(server, request_body(), key="")[0] == 401
    with ModelServer(ScriptedBrain(), api_key="right") as picky:
        assert post(picky, request_body(), key="wrong")[0] == 401
        assert post(picky, request_body(), key="right")[0] == 200


def test_an_unknown_path_is_404(server: ModelServer) -> None:
    assert post(server, {}, "/completions")[0] == 404


def test_the_sdk_reads_models_and_embeddings(server: ModelServer) -> None:
    with OpenAI(api_key="k", base_url=server.base_url, max_retries=0) as client:
        assert "gpt-5-mini" in {model.id for model in client.models.list()}
        texts = ["a red apple", "one red apple", "tax law"]
        reply = client.embeddings.create(model="text-embedding-3-small", input=texts, dimensions=256)
    apple, other_apple, law = (entry.embedding for entry in reply.data)
    assert len(apple) == 256
    assert dot(apple, apple) == pytest.approx(1, abs=1e-5)
    assert dot(apple, other_apple) > dot(apple, law)


def test_embeddings_are_the_same_every_time_and_plain_floats_too(server: ModelServer) -> None:
    body = {"model": "text-embedding-3-large", "input": "apple"}
    first, second = (post(server, body, "/embeddings")[1]["data"][0]["embedding"] for _ in range(2))
    assert first == second
    assert len(first) == 3072
    assert post(server, {"model": "m", "input": []}, "/embeddings")[0] == 400


def dot(left: list[float], right: list[float]) -> float:
    return sum(a * b for a, b in zip(left, right, strict=True))


def test_the_adapters_schemas_are_strict() -> None:
    schemas = [
        readings_schema([REFUND, ORDERED]),
        plan_schema(forced=False),
        plan_schema(forced=True),
        lookup_schema(),
    ]
    assert [problem for schema in schemas for problem in schema_problems(schema)] == []


@pytest.mark.parametrize(
    ("schema", "problem"),
    [
        ({"type": "array", "items": {"type": "string"}}, "root"),
        (open_object(), "additionalProperties"),
        ({**open_object(), "additionalProperties": False, "required": []}, "required"),
        ({**open_object(), "additionalProperties": False, "minProperties": 1}, "minProperties"),
        (
            {"type": "object", "properties": {"a": {}}, "required": ["a"], "additionalProperties": False},
            "type",
        ),
        (
            {
                "type": "object",
                "properties": {"a": {"$ref": "#/$defs/b"}},
                "required": ["a"],
                "additionalProperties": False,
            },
            "nowhere",
        ),
    ],
)
def test_what_strict_forbids_is_named(schema: Json, problem: str) -> None:
    assert any(problem in found for found in schema_problems(schema))


def test_a_reply_that_left_the_schema_would_be_noticed() -> None:
    schema = lookup_schema()
    good = {"statements": [{"text": "a", "passage_id": "p", "quote": "q"}]}
    assert fits(good, schema)
    assert not fits({"statements": [{"text": "a", "passage_id": "p"}]}, schema)
    assert not fits({"statements": [{"text": True, "passage_id": "p", "quote": "q"}]}, schema)
    assert not fits({**good, "more": 1}, schema)
