"""Requests and models for the adapter's tests."""

import json
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from census.adapters.openai_language_model import OpenAILanguageModel
from census.domain.plan import Atom, AtomField, FieldType
from census.ports.language_model import ReadRequest, WindowText
from tests.model_server import Reply
from tests.model_server.brains import NO_MATCH, AskedWindow, Json

API_KEY = "sk-secret-of-the-tests"
REFUND = Atom("refund", "The ticket asks for a refund.")
ORDERED = Atom("ordered", "The ticket states the order's date.", fields=(AtomField("date", FieldType.DATE),))
WINDOWS = (
    WindowText("w1", "Ticket 1", "Please refund my order of 2024-05-06."),
    WindowText("w2", "Ticket 2", "All is well."),
)
REQUEST = ReadRequest((REFUND, ORDERED), WINDOWS)
WORDS = {"refund": "refund my order", "date": r"\d{4}-\d\d-\d\d"}


def model_at(base_url: str, *, timeout_seconds: float = 60, max_attempts: int = 1) -> OpenAILanguageModel:
    """The adapter under test."""
    return OpenAILanguageModel(API_KEY, base_url, "gpt-5-mini", "gpt-5", timeout_seconds, max_attempts)


def completion(content: str | None, **choice: object) -> Json:
    """The smallest chat completion, of 70 tokens in and 30 out."""
    message = {"role": "assistant", "content": content}
    return {
        "choices": [{"index": 0, "message": message, "finish_reason": "stop", **choice}],
        "usage": {"prompt_tokens": 70, "completion_tokens": 30, "total_tokens": 100},
    }


@dataclass
class Replies:
    """A responder that gives these replies in turn, the last one for ever, and keeps what was sent."""

    replies: Sequence[Reply]
    seconds: float = 0.0
    stopping: threading.Event = field(default_factory=threading.Event)
    bodies: list[Json] = field(default_factory=list)

    def get(self, path: str, authorization: str | None) -> Reply:
        return self.replies[0]

    def post(self, path: str, authorization: str | None, body: bytes) -> Reply:
        self.bodies.append(json.loads(body))
        self.stopping.wait(self.seconds)
        return self.replies[min(len(self.bodies), len(self.replies)) - 1]


@dataclass
class PlanningBrain:
    """A brain that gives these plan replies in turn."""

    plans: list[Json]

    def plan(self, question: str, earlier: Sequence[Json]) -> Json:
        return self.plans.pop(0)

    def read(self, criteria: Sequence[Json], window: AskedWindow) -> dict[str, Json]:
        return {criterion["name"]: NO_MATCH for criterion in criteria}

    def lookup(self, question: str, passages: Sequence[AskedWindow]) -> list[Json]:
        return []

    def fold(self, step: str, texts: Sequence[str], themes: Sequence[str], most: int) -> Json:
        return {"texts": [], "places": []}


def error_body(message: str, code: str | None = None) -> Mapping[str, object]:
    """An error as the vendor words it."""
    return {"error": {"message": message, "type": "invalid_request_error", "param": None, "code": code}}
