"""One chat completion over HTTP: a closed schema in, the text of the reply and its cost out."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING, Any

from census.adapters.openai.failures import failure_of, one_call
from census.adapters.openai.prompts import Message
from census.adapters.openai.schemas import Schema
from census.ports.language_model import (
    ModelBusyError,
    ModelRefusalError,
    ModelReplyCutError,
    ModelReplyInvalidError,
    Usage,
)
from census.ports.time_left import time_left, within

if TYPE_CHECKING:
    from openai import OpenAI

LEAST_SECONDS = 4.0
"""In less time hardly any reply is complete."""
CONNECT_SECONDS = 5.0
"""Who does not answer a connection in so long is away; its reply is not worth the rest of the time."""
VENDOR_URL = "https://api.openai.com/v1"
_REASONS = re.compile(r"(?!.*-chat)(gpt-5|o\d)")


@dataclass(frozen=True)
class Completion:
    """The text of a finished reply, the tokens billed and the model's name as the reply gives it."""

    text: str
    usage: Usage
    model: str


@dataclass(frozen=True)
class Connection:
    """Where the model is and how long a call may take; `base_url` None is the vendor's own."""

    api_key: str
    base_url: str | None
    timeout_seconds: float
    max_attempts: int


class Completions:
    """Makes calls; safe in threads, which share one client that is made at the first call.

    The SDK is imported then too: that alone takes longer than a worker may take to start.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._lock = Lock()
        self._client: OpenAI | None = None

    def complete(
        self, model: str, messages: Sequence[Message], name: str, schema: Schema, most_tokens: int
    ) -> Completion:
        """The reply of `model` in the form of `schema`, at most `most_tokens` long, reasoning included.

        Raises LanguageModelError; ModelReplyInvalidError also for a reply that is no chat completion.
        """
        from httpx2 import HTTPError, TimeoutException
        from openai import APIError

        request: dict[str, Any] = {
            "model": model,
            "messages": list(messages),
            "response_format": _response_format(name, schema),
            "max_completion_tokens": most_tokens,
            **_effort(model),
        }
        try:
            body = self._body(request)
        except APIError as error:
            raise failure_of(error, model, self._connection.api_key) from error
        except TimeoutException as error:
            late = "The model API's reply took longer than its time-out."
            raise ModelBusyError(late, usage=one_call(model)) from error
        except HTTPError as error:
            told = f"The model API's reply broke off: {type(error).__name__}."
            raise ModelBusyError(told, usage=one_call(model)) from error
        return read_completion(body, model)

    def _body(self, request: dict[str, Any]) -> bytes:
        """The reply's body, from a call whose every step, the connection's included, ends at one wall."""
        from httpx2 import Timeout

        seconds = self._seconds()
        timeout = min(seconds, self._connection.timeout_seconds)
        steps = Timeout(timeout, connect=min(timeout, CONNECT_SECONDS))
        calls = self._connected().chat.completions.with_streaming_response
        with within(seconds), calls.create(**request, timeout=steps) as response:
            return b"".join(response.iter_bytes())

    def _seconds(self) -> float:
        """How long a call may take. Raises ModelBusyError rather than pay for one that could not end."""
        most = self._connection.timeout_seconds * self._connection.max_attempts
        seconds = time_left(most)
        if seconds < min(most, LEAST_SECONDS):
            raise ModelBusyError("The request has too little time left to ask the model; send it again.")
        return seconds

    def _connected(self) -> "OpenAI":
        with self._lock:
            if self._client is None:
                from openai import OpenAI

                from census.adapters.openai.walled_client import walled_client

                base_url = self._connection.base_url or VENDOR_URL
                self._client = OpenAI(
                    api_key=self._connection.api_key,
                    base_url=base_url,
                    timeout=self._connection.timeout_seconds,
                    max_retries=self._connection.max_attempts - 1,
                    http_client=walled_client(base_url),
                )
            return self._client


def _response_format(name: str, schema: Schema) -> dict[str, Any]:
    return {"type": "json_schema", "json_schema": {"name": name, "strict": True, "schema": schema}}


def _effort(model: str) -> dict[str, str]:
    """Reading is no puzzle: reasoning models think little, others do not know the parameter."""
    return {"reasoning_effort": "low"} if _REASONS.match(model) else {}


def read_completion(body: bytes, asked: str) -> Completion:
    """The completion in the body of a 200 reply. Raises for a refusal, a cut, and anything unreadable."""
    try:
        data = json.loads(body)
        choice, message = data["choices"][0], data["choices"][0]["message"]
        refusal, content, reason = message.get("refusal"), message.get("content"), choice["finish_reason"]
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        raise ModelReplyInvalidError(
            "The model API's reply is no chat completion.", one_call(asked)
        ) from error
    usage = _usage(data, asked)
    if refusal or reason == "content_filter":
        raise ModelRefusalError(f"The model declined: {refusal or 'content filter'}"[:300], usage)
    if reason == "length":
        raise ModelReplyCutError("The model's reply was cut at the output limit.", usage)
    if not isinstance(content, str) or not content:
        raise ModelReplyInvalidError(f"The model's reply is empty (finish reason {reason}).", usage)
    named = data.get("model")
    return Completion(content, usage, named if isinstance(named, str) and named else asked)


def _usage(data: Mapping[str, Any], model: str) -> Usage:
    """What the reply says was billed, under the name that was asked for: that is the one with a price."""
    told = _mapping(data.get("usage"))
    prompt = _count(told.get("prompt_tokens"))
    cached = _count(_mapping(told.get("prompt_tokens_details")).get("cached_tokens"))
    return Usage(1, prompt, _count(told.get("completion_tokens")), min(cached, prompt), model)


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _count(tokens: object) -> int:
    return tokens if isinstance(tokens, int) and not isinstance(tokens, bool) and tokens > 0 else 0
