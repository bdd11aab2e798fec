"""One exchange: from a request to the reply to be sent, faults and delays included; no sockets here."""

import json
import math
import random
import threading
import time
from collections import Counter, deque
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field

from tests.model_server import chat
from tests.model_server.brains import Brain, Json, Tampering
from tests.model_server.embeddings import embeddings_json
from tests.model_server.faults import Fault, FaultPlan
from tests.model_server.rate_gate import RateGate
from tests.model_server.records import RecordedCall, window_key

PROMPTS_KEPT = 1_000
OVER_LIMIT = "over_limit"
"""What a record calls a request refused for coming above the limit; it is no attempt of its request."""
MODELS = ("gpt-5", "gpt-5-mini", "text-embedding-3-small", "text-embedding-3-large")


@dataclass(frozen=True)
class Latency:
    """Seconds a call takes: lognormal around `median`, drawn by seed and request."""

    median: float = 0.0
    sigma: float = 0.35
    seed: int = 0

    def seconds(self, fingerprint: str, attempt: int) -> float:
        """The delay of this attempt of this request."""
        dice = random.Random(f"latency:{self.seed}:{fingerprint}:{attempt}")
        return self.median * dice.lognormvariate(0, self.sigma) if self.median else 0.0


@dataclass(frozen=True)
class Reply:
    """What goes back; `status` 0 means nothing: the connection is dropped."""

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)


def json_reply(status: int, data: Json, headers: Mapping[str, str] | None = None) -> Reply:
    """A reply with a JSON body."""
    return Reply(status, json.dumps(data).encode(), headers or {})


def _rate_limited(wait: float) -> Reply:
    headers = {"retry-after-ms": str(math.ceil(wait * 1000)), "retry-after": str(math.ceil(wait))}
    told = chat.error_json("Rate limit reached for requests.", "requests", "rate_limit_exceeded")
    return json_reply(429, told, headers)


class Exchange:
    """Answers requests by a brain, keeps the records; safe in threads."""

    def __init__(
        self, brain: Brain, faults: FaultPlan, latency: Latency, api_key: str | None, gate: RateGate
    ) -> None:
        self.calls: list[RecordedCall] = []
        self.gate = gate
        self.prompts: deque[str] = deque(maxlen=PROMPTS_KEPT)
        self.most_in_flight = 0
        self.stopping = threading.Event()
        self._brain, self._faults, self._latency, self._api_key = brain, faults, latency, api_key
        self._lock = threading.Lock()
        self._attempts: Counter[str] = Counter()
        self._in_flight = 0

    def get(self, path: str, authorization: str | None) -> Reply:
        """`GET /v1/models` and, of our own for other processes, `GET /calls` (the records), `GET /counts`."""
        if path == "/calls":
            return json_reply(200, {"calls": [asdict(call) for call in list(self.calls)]})
        if path == "/counts":
            return json_reply(200, {**asdict(self.gate.count), "most_in_flight": self.most_in_flight})
        if path != "/v1/models":
            return json_reply(404, chat.error_json(f"Unknown path {path}.", "invalid_request_error"))
        models = [{"id": name, "object": "model", "created": 0, "owned_by": "tests"} for name in MODELS]
        return self._refused(authorization) or json_reply(200, {"object": "list", "data": models})

    def post(self, path: str, authorization: str | None, body: bytes) -> Reply:
        """`POST /v1/chat/completions` and `POST /v1/embeddings`."""
        refused = self._refused(authorization)
        if refused is not None:
            return refused
        try:
            if path == "/v1/chat/completions":
                return self._chat(chat.read_chat_request(body))
            if path == "/v1/embeddings":
                return self._embed(json.loads(body))
        except (chat.BadRequestError, ValueError, LookupError, TypeError) as error:
            return json_reply(400, chat.error_json(str(error), "invalid_request_error"))
        return json_reply(404, chat.error_json(f"Unknown path {path}.", "invalid_request_error"))

    def _refused(self, authorization: str | None) -> Reply | None:
        scheme, _, key = (authorization or "").partition(" ")
        if scheme == "Bearer" and key and self._api_key in (None, key):
            return None
        told = "Incorrect API key provided. You can find your API key in your account."
        return json_reply(401, chat.error_json(told, "invalid_request_error", "invalid_api_key"))

    def _embed(self, data: Json) -> Reply:
        now = time.monotonic()
        reply = embeddings_json(data)
        self._record(RecordedCall("embed", data["model"], (), (), 1, None, 200, True, now, now))
        return json_reply(200, reply)

    def _chat(self, request: chat.ChatRequest) -> Reply:
        self.prompts.append(request.prompt)
        started, wait = time.monotonic(), self.gate.wait_seconds()
        if wait is not None:
            reply = _rate_limited(wait)
            self._note(request, started, 0, OVER_LIMIT, reply)
            return reply
        attempt = self._entered(request.fingerprint)
        try:
            fault = self._faults.fault(request.purpose, request.fingerprint, attempt)
            self.stopping.wait(self._delay(request, attempt, fault))
            reply = self._reply(request, fault)
        finally:
            self._left()
        self._note(request, started, attempt, fault.value if fault else None, reply)
        return reply

    def _note(
        self, request: chat.ChatRequest, started: float, attempt: int, fault: str | None, reply: Reply
    ) -> None:
        self._record(
            RecordedCall(
                purpose=request.purpose,
                model=request.model,
                windows=tuple(window_key(window.text) for window in request.windows),
                criteria=tuple(entry["statement"] for entry in request.data if request.purpose == "read"),
                attempt=attempt,
                fault=fault,
                status=reply.status,
                billed=reply.status == 200,
                started=started,
                ended=time.monotonic(),
            )
        )

    def _delay(self, request: chat.ChatRequest, attempt: int, fault: Fault | None) -> float:
        extra = self._faults.slow_seconds if fault is Fault.SLOW else 0.0
        return extra + self._latency.seconds(request.fingerprint, attempt)

    def _reply(self, request: chat.ChatRequest, fault: Fault | None) -> Reply:
        if fault is Fault.RATE_LIMITED:
            return _rate_limited(self._faults.retry_after_seconds)
        if fault is Fault.SERVER_ERROR:
            told = chat.error_json("The server had an error while processing your request.", "server_error")
            return json_reply(500, told)
        if fault is Fault.DROPPED:
            return Reply(0)
        return json_reply(200, self._completion(request, fault))

    def _completion(self, request: chat.ChatRequest, fault: Fault | None) -> Json:
        data = chat.answer(request, self._brain)
        if fault is Fault.MISSING_IDS and "items" in data:
            data = {"items": data["items"][1:]}
        text, number = self._text(request, data), len(self.calls) + 1
        if fault is Fault.REFUSAL:
            return chat.completion_json(request, "", number, refusal="I'm sorry, I can't assist with that.")
        if fault is Fault.CUT:
            return chat.completion_json(request, text[: len(text) // 2], number, reason="length")
        if fault is Fault.BAD_JSON:
            return chat.completion_json(request, text[:-1] + ",", number)
        return chat.completion_json(request, text, number)

    def _text(self, request: chat.ChatRequest, data: Json) -> str:
        if request.purpose == "read" and isinstance(self._brain, Tampering):
            tampered = self._brain.tampered(request.windows, data)
            return tampered if isinstance(tampered, str) else json.dumps(tampered, ensure_ascii=False)
        return json.dumps(data, ensure_ascii=False)

    def _entered(self, fingerprint: str) -> int:
        with self._lock:
            self._in_flight += 1
            self.most_in_flight = max(self.most_in_flight, self._in_flight)
            self._attempts[fingerprint] += 1
            return self._attempts[fingerprint]

    def _left(self) -> None:
        with self._lock:
            self._in_flight -= 1

    def _record(self, call: RecordedCall) -> None:
        with self._lock:
            self.calls.append(call)
