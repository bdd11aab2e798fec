"""Chat completions on the wire: what a request asks, what a reply looks like, what an error looks like."""

import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tests.model_server.brains import AskedWindow, Brain, Json
from tests.model_server.strict_schema import fits, schema_problems

_SECTION = re.compile(
    r'<<<([0-9a-f]{16}) (?:window|passage) ("(?:[^"\\]|\\.)*") ("(?:[^"\\]|\\.)*")>>>\n(.*?)\n<<<\1 end>>>',
    re.DOTALL,
)
_PURPOSES = {
    "window_readings": "read",
    "plan_draft": "plan",
    "lookup_statements": "lookup",
    "folded_findings": "fold",
}
_STEPS = {"codebook": "draft", "sort labels": "assign", "condense": "note", "word the answer": "tell"}
"""What the rules of each step of folding say, and no other."""
_PERMITTED = {"model", "messages", "response_format", "max_completion_tokens", "reasoning_effort"}


class BadRequestError(Exception):
    """The request breaks the protocol; the message says how."""


@dataclass(frozen=True)
class ChatRequest:
    """A checked request. `data` is the JSON in the prompt: criteria, earlier plans, or what to fold."""

    purpose: str
    model: str
    schema: Json
    windows: tuple[AskedWindow, ...]
    data: list[Json]
    question: str
    turns: int
    prompt_tokens: int
    prompt: str = ""

    @property
    def fingerprint(self) -> str:
        """Hash of what is asked, without the ids, which may differ from run to run."""
        texts = [window.text for window in self.windows]
        parts = [self.purpose, self.model, texts, self.data, self.question, self.turns]
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:16]


def read_chat_request(body: bytes) -> ChatRequest:
    """The request in a body. Raises BadRequestError where the vendor or this server would reject it."""
    try:
        data = json.loads(body)
        purpose, schema = _checked_format(data)
        contents = _checked_messages(data)
        return ChatRequest(
            purpose=purpose,
            model=data["model"],
            schema=schema,
            windows=tuple(
                AskedWindow(json.loads(found[2]), json.loads(found[3]), found[4])
                for found in _SECTION.finditer("\n".join(contents[1:]))
            ),
            data=_data_in(purpose, contents),
            question="" if purpose == "read" else json.loads(_question_in(contents)),
            turns=len(contents),
            prompt_tokens=sum(map(len, contents)) // 4 + len(json.dumps(schema)) // 4,
            prompt="\n".join(contents),
        )
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        raise BadRequestError(f"The request is malformed: {error!r}.") from error


def _data_in(purpose: str, contents: Sequence[str]) -> list[Json]:
    if purpose == "lookup":
        return []
    data = json.loads(contents[1].partition("\n")[2])
    if purpose != "fold":
        return list(data)
    step = next(step for words, step in _STEPS.items() if words in contents[0])
    return [{**data, "step": step, "texts": json.loads(contents[3].partition("\n")[2])}]


def _question_in(contents: Sequence[str]) -> str:
    return next(c for c in contents if c.startswith("Question (JSON):\n")).partition("\n")[2]


def _checked_format(data: Json) -> tuple[str, Json]:
    if unknown := sorted(set(data) - _PERMITTED):
        raise BadRequestError(f"Unknown parameters: {', '.join(unknown)}.")
    form = data["response_format"]
    described = form["json_schema"]
    if form["type"] != "json_schema" or described["strict"] is not True:
        raise BadRequestError("response_format must be a strict json_schema.")
    if problems := schema_problems(described["schema"]):
        raise BadRequestError(f"Invalid schema for response_format: {'; '.join(problems)}.")
    if described["name"] not in _PURPOSES:
        raise BadRequestError(f"This server knows no schema named {described['name']!r}.")
    return _PURPOSES[described["name"]], described["schema"]


def _checked_messages(data: Json) -> list[str]:
    messages = data["messages"]
    if not isinstance(data["model"], str) or not data["model"]:
        raise BadRequestError("model is missing.")
    if not messages or messages[0]["role"] != "system":
        raise BadRequestError("messages must begin with the system's.")
    contents = [message["content"] for message in messages]
    if not all(isinstance(content, str) and content for content in contents):
        raise BadRequestError("every message needs content.")
    return contents


def answer(request: ChatRequest, brain: Brain) -> Json:
    """What the brain replies, in the schema asked for. Raises AssertionError if the brain left the schema."""
    reply = _reply(request, brain)
    assert fits(reply, request.schema), (
        f"the brain's reply does not fit the schema: {json.dumps(reply)[:500]}"
    )
    return reply


def _reply(request: ChatRequest, brain: Brain) -> Json:
    if request.purpose == "plan":
        return brain.plan(request.question, request.data)
    if request.purpose == "fold":
        (asked,) = request.data
        return brain.fold(asked["step"], asked["texts"], asked["themes"], asked["most"])
    if request.purpose == "lookup":
        return {"statements": brain.lookup(request.question, request.windows)}
    return {"items": [_item(request.data, window, brain) for window in request.windows]}


def _item(criteria: Sequence[Json], window: AskedWindow, brain: Brain) -> Json:
    readings = brain.read(criteria, window)
    return {"id": window.id, "atoms": {c["name"]: _trimmed(readings[c["name"]], c) for c in criteria}}


def _trimmed(reading: Json, criterion: Json) -> Json:
    names = ["status", "quotes", "values"] if criterion.get("fields") else ["status", "quotes"]
    return {name: reading[name] for name in names}


def completion_json(
    request: ChatRequest, text: str, number: int, *, reason: str = "stop", refusal: str | None = None
) -> Json:
    """A chat completion; `refusal` replaces the content."""
    spent = len(text) // 4 + 1
    message: dict[str, Any] = {"role": "assistant", "content": text, "refusal": None, "annotations": []}
    if refusal is not None:
        message |= {"content": None, "refusal": refusal}
    return {
        "id": f"chatcmpl-{number:08d}",
        "object": "chat.completion",
        "created": 1_750_000_000 + number,
        "model": request.model,
        "choices": [{"index": 0, "message": message, "logprobs": None, "finish_reason": reason}],
        "usage": {
            "prompt_tokens": request.prompt_tokens,
            "completion_tokens": spent,
            "total_tokens": request.prompt_tokens + spent,
            "prompt_tokens_details": {"cached_tokens": 0, "audio_tokens": 0},
            "completion_tokens_details": {"reasoning_tokens": 0, "audio_tokens": 0},
        },
        "service_tier": "default",
        "system_fingerprint": "fp_test",
    }


def error_json(message: str, kind: str, code: str | None = None) -> Json:
    """An error as the vendor words it."""
    return {"error": {"message": message, "type": kind, "param": None, "code": code}}
