"""The language model behind the chat completions protocol: OpenAI's own API and the many that speak it."""

import hashlib
import json
from collections.abc import Sequence

from census.adapters.openai import folding, prompts, schemas
from census.adapters.openai.completions import Completion, Completions, Connection
from census.adapters.openai.prompts import Message
from census.adapters.openai.replies import plan_reply_in, readings_in, statements_in
from census.domain.errors import PlanInvalidError
from census.domain.plan import Atom, AtomField, FieldType
from census.ports.folding import FoldReply, FoldRequest
from census.ports.language_model import (
    LanguageModelError,
    LookupReply,
    ModelReplyInvalidError,
    PassageText,
    PlanReply,
    PlanRequest,
    ReadReply,
    ReadRequest,
    Strength,
    Usage,
)

# Reasoning counts as output; what is not used is not billed.
MOST_READ_TOKENS = 16_000
MOST_PLAN_TOKENS = 12_000
MOST_LOOKUP_TOKENS = 6_000
MOST_FOLD_TOKENS = 8_000


class OpenAILanguageModel:
    """Implements LanguageModel; safe in threads.

    A call waits a few seconds for a connection, `timeout_seconds` for the first byte and between bytes; after
    `timeout_seconds` × `max_attempts` it is given up, wherever it stands. With `max_attempts` 1 nothing is
    tried again here: the engine sends busy work back to its queue.
    """

    def __init__(
        self,
        api_key: str,
        base_url: str | None,
        model: str,
        strong_model: str,
        timeout_seconds: float,
        max_attempts: int = 1,
    ) -> None:
        if not api_key or max_attempts < 1 or timeout_seconds <= 0:
            raise ValueError(
                "api_key must not be empty, max_attempts at least 1, timeout_seconds more than 0"
            )
        if base_url and not base_url.startswith(("http://", "https://")):
            raise ValueError(f"base_url must begin with http:// or https://, not {base_url!r}")
        self._models = {Strength.STANDARD: model, Strength.STRONG: strong_model}
        self._completions = Completions(Connection(api_key, base_url, timeout_seconds, max_attempts))

    @property
    def name(self) -> str:
        """The standard model's name."""
        return self._models[Strength.STANDARD]

    @property
    def strong_name(self) -> str | None:
        """The stronger model's name; None where the standard model is configured as both."""
        strong = self._models[Strength.STRONG]
        return strong if strong != self.name else None

    @property
    def planner_version(self) -> str:
        """Hash of model, planning rules and plan schema (12 hexadecimal digits)."""
        return _digest([self.name, prompts.PLAN_RULES, schemas.plan_schema(forced=False)])

    @property
    def contract_version(self) -> str:
        """Hash of prompt, reply schema and strong model (12 hexadecimal digits), for cache keys.

        Each can change an answer: what the standard model cannot prove is read again by the strong one.
        """
        probe = Atom("a", "", fields=(AtomField("f", FieldType.TEXT),))
        parts = [prompts.READ_RULES, schemas.readings_schema([probe]), self.strong_name]
        return _digest(parts)

    def plan_question(self, request: PlanRequest) -> PlanReply:
        """See the port. A reply that is no valid plan is sent back once with its problems.

        Raises ModelReplyInvalidError if it is none then either, or any LanguageModelError.
        """
        messages = prompts.plan_messages(request)
        spent, problems = Usage(), ""
        for _ in range(2):
            completion = self._plan(messages, request.forced, spent)
            spent = completion.usage
            try:
                return plan_reply_in(completion, forced=request.forced)
            except PlanInvalidError as error:
                problems = str(error)
                messages += prompts.repair_messages(completion.text, problems)
        raise ModelReplyInvalidError(f"The model's plan cannot be executed: {problems}", spent)

    def _plan(self, messages: Sequence[Message], forced: bool, spent: Usage) -> Completion:
        """One reply of the planner; its usage, also that of a failure, includes what was `spent` before."""
        schema = schemas.plan_schema(forced=forced)
        try:
            reply = self._completions.complete(
                self.name, messages, schemas.PLAN_DRAFT, schema, MOST_PLAN_TOKENS
            )
        except LanguageModelError as error:
            error.usage = spent + error.usage
            raise
        return Completion(reply.text, spent + reply.usage, reply.model)

    def read_windows(self, request: ReadRequest) -> ReadReply:
        """See the port. A window the model left out, or answered in part, is missing from the readings."""
        completion = self._completions.complete(
            self._models[request.strength],
            prompts.read_messages(request),
            schemas.READINGS,
            schemas.readings_schema(request.atoms),
            MOST_READ_TOKENS,
        )
        return ReadReply(readings_in(completion, request), completion.usage, completion.model)

    def fold(self, request: FoldRequest) -> FoldReply:
        """See the port."""
        completion = self._completions.complete(
            self.name, folding.messages(request), folding.FOLDED, folding.schema(), MOST_FOLD_TOKENS
        )
        return folding.reply_in(completion, request)

    def answer_lookup(self, question: str, passages: Sequence[PassageText]) -> LookupReply:
        """See the port. A statement that names no passage given is dropped."""
        completion = self._completions.complete(
            self.name,
            prompts.lookup_messages(question, passages),
            schemas.LOOKUP,
            schemas.lookup_schema(),
            MOST_LOOKUP_TOKENS,
        )
        statements = statements_in(completion, passages)
        return LookupReply(statements, completion.usage, completion.model)


def _digest(parts: Sequence[object]) -> str:
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:12]
