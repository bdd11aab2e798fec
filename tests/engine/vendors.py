"""Vendors of models over HTTP, as tests of the engine meet them: some are down, some have two models."""

import json
import threading
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from census.adapters.openai_language_model import OpenAILanguageModel
from tests.engine.house import EngineHouse
from tests.model_server import FaultPlan, Latency, LoopbackServer, Reply, json_reply
from tests.model_server.brains import NO_MATCH, AskedWindow, Brain, Json, ScriptedBrain
from tests.model_server.exchange import Exchange
from tests.model_server.rate_gate import RateGate

WORDS = {"audit": "may audit"}
"""For a ScriptedBrain: whoever may audit, matches."""


def exchange(brain: Brain | None = None, latency: float = 0.0, faults: FaultPlan | None = None) -> Exchange:
    """What answers; `latency` is the median of a call's seconds."""
    told = brain or ScriptedBrain(words=WORDS)
    return Exchange(told, faults or FaultPlan(), Latency(latency), None, RateGate())


class Poster(Protocol):
    """What answers for a model."""

    def post(self, path: str, authorization: str | None, body: bytes) -> Reply:
        """The reply to a call."""
        ...


@dataclass
class Vendor:
    """A responder with an Exchange for each model; others do not exist. `down`: all it says is 503."""

    models: Mapping[str, Poster]
    down: bool = False
    requests: int = 0
    stopping: threading.Event = field(default_factory=threading.Event)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def get(self, path: str, authorization: str | None) -> Reply:
        return json_reply(404, {"error": {"message": "Nothing is here.", "type": "not_found"}})

    def post(self, path: str, authorization: str | None, body: bytes) -> Reply:
        with self._lock:
            self.requests += 1
        if self.down:
            return json_reply(503, {"error": {"message": "We are down.", "type": "server_error"}})
        model = json.loads(body)["model"]
        if model not in self.models:
            told = f"The model `{model}` does not exist or you do not have access to it."
            error = {"message": told, "type": "invalid_request_error", "code": "model_not_found"}
            return json_reply(404, {"error": error})
        return self.models[model].post(path, authorization, body)


@dataclass(frozen=True)
class LyingBrain(ScriptedBrain):
    """Quotes what nobody wrote."""

    def _reading(self, criterion: Json, text: str) -> Json:
        found = super()._reading(criterion, text)
        invented = ["Words that nobody wrote anywhere in here"]
        return found if found == NO_MATCH else {**found, "quotes": invented}


@dataclass(frozen=True)
class NonsenseBrain(ScriptedBrain):
    """What it says is never JSON."""

    def tampered(self, windows: Sequence[AskedWindow], reply: Json) -> str:
        return "The answer is, as so often, forty-two."


def ask_vendor(
    house: EngineHouse, server: LoopbackServer, model: str | None = None, strong: str | None = None
) -> str:
    """The house reads by this server from now on; the standard model's name, by default one nobody else uses.

    Leases and budgets are shared by all that use a model's name.
    """
    name = model or uuid.uuid4().hex
    house.model = OpenAILanguageModel("key", server.base_url, name, strong or name, timeout_seconds=20)
    return name
