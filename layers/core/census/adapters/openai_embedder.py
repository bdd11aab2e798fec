"""Embeddings from OpenAI or a server that speaks its interface."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from census.domain.tokens import TOKEN_MARGIN, estimate_tokens
from census.domain.usage import Usage
from census.ports.embedder import (
    Embedded,
    EmbedderError,
    EmbedderRejectedError,
    EmbedderUnavailableError,
)
from census.ports.time_left import time_left

if TYPE_CHECKING:
    import openai

# https://platform.openai.com/docs/api-reference/embeddings/create
MOST_INPUTS = 2_048
MOST_TOKENS = 300_000
MOST_TOKENS_AN_INPUT = 8_192
_NATIVE_DIMENSIONS = {"text-embedding-3-small": 1536, "text-embedding-3-large": 3072}
_STATES_THAT_PASS = frozenset((408, 409, 425, 429))
_NO_CREDIT = "insufficient_quota"


class OpenAIEmbedder:
    """An Embedder that calls `/embeddings` in as few and as full requests as the limits allow.

    One request takes at most `timeout_seconds` (1 + `max_retries`) and, with retries, up to a minute of
    waiting between them, because the SDK honours Retry-After. Without retries, the default, the time is
    exact and the caller puts the work back into its queue.
    """

    def __init__(
        self,
        *,
        api_key: str,
        model: str = "text-embedding-3-small",
        dimensions: int = 1536,
        base_url: str | None = None,
        timeout_seconds: float = 20.0,
        max_retries: int = 0,
    ) -> None:
        self._api_key = api_key
        self._base_url = base_url
        self._timeout_seconds = timeout_seconds
        self._max_retries = max_retries
        self._model = model
        self._dimensions = dimensions

    @property
    def model(self) -> str:
        """The model's name as sent, and the dimension where it is not what the model gives by itself."""
        native = _NATIVE_DIMENSIONS.get(self._model, self._dimensions)
        return self._model if native == self._dimensions else f"{self._model}/{self._dimensions}"

    @property
    def dimensions(self) -> int:
        """The length that every vector must have."""
        return self._dimensions

    def embed(self, texts: Sequence[str]) -> Embedded:
        """One vector a text, in order; a text beyond 8,192 tokens is embedded by its beginning.

        Raises EmbedderUnavailableError for time-outs, 429 and 5xx, EmbedderRejectedError for the rest,
        empty texts and vectors of another length included.
        """
        empty = [str(number) for number, text in enumerate(texts) if not text.strip()]
        if empty:
            raise EmbedderRejectedError(f"Empty texts cannot be embedded: numbers {', '.join(empty[:10])}.")
        inputs = [cut_to_limit(text) for text in texts]
        parts = [self._embed_batch(batch) for batch in batches(inputs)]
        vectors = [vector for part in parts for vector in part.vectors]
        return Embedded(vectors, sum((part.usage for part in parts), Usage()))

    def runs(self, texts: Sequence[str]) -> Iterator[list[str]]:
        """Runs that fill a request each."""
        return batches(texts)

    @cached_property
    def _client(self) -> openai.OpenAI:
        import openai  # half a second that a function without embeddings need not pay

        return openai.OpenAI(
            api_key=self._api_key,
            base_url=self._base_url,
            timeout=self._timeout_seconds,
            max_retries=self._max_retries,
        )

    def _embed_batch(self, batch: list[str]) -> Embedded:
        import openai

        # Only this family can shorten its vectors; other servers refuse the parameter.
        adjustable = self._model.startswith("text-embedding-3")
        try:
            answer = self._client.embeddings.create(
                input=batch,
                model=self._model,
                dimensions=self._dimensions if adjustable else openai.omit,
                timeout=self._seconds(),
            )
        except openai.APIConnectionError as error:
            raise EmbedderUnavailableError(f"The embedding service cannot be reached: {error}") from error
        except openai.APIStatusError as error:
            raise _typed(error) from error
        except (openai.OpenAIError, ValueError) as error:
            raise EmbedderRejectedError(f"The embedding service's answer cannot be read: {error}") from error
        vectors = self._in_order({item.index: item.embedding for item in answer.data}, len(batch))
        # Other servers leave the usage out, against the interface's own description.
        tokens = answer.usage.prompt_tokens if answer.usage else sum(map(estimate_tokens, batch))
        return Embedded(vectors, Usage(1, tokens, model=self._model))

    def _seconds(self) -> float:
        seconds = time_left(self._timeout_seconds)
        if not seconds:
            raise EmbedderUnavailableError("The request has no time left to have a text embedded.")
        return seconds

    def _in_order(self, vectors: dict[int, list[float]], expected: int) -> list[list[float]]:
        if set(vectors) != set(range(expected)):
            raise EmbedderRejectedError(
                f"The embedding service answered {len(vectors)} of {expected} texts. Check the base URL."
            )
        lengths = {len(vector) for vector in vectors.values()}
        if lengths != {self._dimensions}:
            raise EmbedderRejectedError(
                f"Model {self._model!r} gives vectors of {sorted(lengths)} dimensions, "
                f"but {self._dimensions} are set. Correct the setting, then reindex."
            )
        return [vectors[index] for index in range(expected)]


def cut_to_limit(text: str) -> str:
    """Return the longest beginning of `text` that surely has at most MOST_TOKENS_AN_INPUT tokens."""
    while (weight := _weight(text)) > MOST_TOKENS_AN_INPUT:
        text = text[: int(len(text) * MOST_TOKENS_AN_INPUT / weight * 0.98)]
    return text


def batches(inputs: Sequence[str]) -> Iterator[list[str]]:
    """Yield `inputs` in order, in runs of at most MOST_INPUTS texts and MOST_TOKENS tokens."""
    batch: list[str] = []
    tokens = 0
    for text in inputs:
        weight = min(_weight(text), MOST_TOKENS_AN_INPUT)  # a longer one is cut before it is sent
        if batch and (len(batch) == MOST_INPUTS or tokens + weight > MOST_TOKENS):
            yield batch
            batch, tokens = [], 0
        batch.append(text)
        tokens += weight
    if batch:
        yield batch


def _weight(text: str) -> int:
    """Return a count of tokens that the true one does not exceed; see TOKEN_MARGIN for what is outside of
    ASCII.
    """
    outside_ascii = 0 if text.isascii() else sum(1 for character in text if character > "\x7f")
    return math.ceil(estimate_tokens(text) * TOKEN_MARGIN) + outside_ascii


def _typed(error: openai.APIStatusError) -> EmbedderError:
    status = error.status_code
    if error.code == _NO_CREDIT:
        return EmbedderRejectedError("The embedding service's account has no credit left. Add some.")
    if status in _STATES_THAT_PASS or status >= 500:
        wait = _retry_after(error.response.headers.get("retry-after"))
        return EmbedderUnavailableError(
            f"The embedding service is busy or down (HTTP {status}).", retry_after=wait
        )
    what = "the API key and its permissions" if status in (401, 403) else "the model's name and the base URL"
    return EmbedderRejectedError(
        f"The embedding service refused the call (HTTP {status}): {error.message} Check {what}."
    )


def _retry_after(header: str | None) -> float | None:
    """Return the seconds of a Retry-After header; a date, which this service never sends, counts as none."""
    try:
        return max(0.0, float(header)) if header else None
    except ValueError:
        return None
