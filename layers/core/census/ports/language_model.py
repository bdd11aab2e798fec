"""The language model: it plans, reads windows and words answers. It never counts and never decides alone.

LanguageModelError
├── ModelBusyError            429, 5xx, time-out, connection: takes no attempt, comes back later
├── ModelRefusalError         the model declined; the engine asks item by item
├── ModelReplyCutError        the output ended early; the engine halves the batch
├── ModelReplyInvalidError    not the agreed JSON
└── ModelUnusableError        wrong key, unknown model, no funds: no retry will help, people must act
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from census.domain.errors import CensusError
from census.domain.plan import Atom, Plan
from census.domain.routing import Route as Route
from census.domain.usage import Usage as Usage
from census.ports.folding import FoldReply, FoldRequest


class LanguageModelError(CensusError):
    """The model gave no usable reply. `usage` is what the failed call cost all the same."""

    def __init__(self, message: str, usage: Usage | None = None) -> None:
        self.usage = usage if usage is not None else Usage()
        super().__init__(message)


class ModelBusyError(LanguageModelError):
    """The model cannot answer now: 429, 5xx, time-out or no connection. `retry_after` in seconds, if told."""

    def __init__(self, message: str, retry_after: float | None = None, usage: Usage | None = None) -> None:
        self.retry_after = retry_after
        super().__init__(message, usage)


class ModelRefusalError(LanguageModelError):
    """The model declined to read this."""


class ModelReplyCutError(LanguageModelError):
    """The reply ended before it was complete (output limit)."""


class ModelReplyInvalidError(LanguageModelError):
    """The reply is not the agreed JSON."""


class ModelUnusableError(LanguageModelError):
    """No retry will help: wrong key, unknown model, no funds, or a request the vendor rejects."""


class Strength(StrEnum):
    """Which of the two configured models reads."""

    STANDARD = "standard"
    STRONG = "strong"


class ReadStatus(StrEnum):
    """A model's own verdict on an atom."""

    MATCH = "match"
    NO_MATCH = "no_match"
    UNCLEAR = "unclear"


@dataclass(frozen=True)
class WindowText:
    """A window to read. `id` is short and stable within the request; `heading` tells where it stands."""

    id: str
    heading: str
    text: str


@dataclass(frozen=True)
class ReadValue:
    """A value as the model gives it: canonical (ISO date, plain decimal), currency code, verbatim quote."""

    field: str
    value: str
    unit: str | None
    quote: str


@dataclass(frozen=True)
class ReadAtom:
    """A model's reading of one atom in one window; quotes are claimed verbatim, and checked by the engine."""

    status: ReadStatus
    quotes: tuple[str, ...] = ()
    values: tuple[ReadValue, ...] = ()


@dataclass(frozen=True)
class ReadRequest:
    """Windows to read together, and the atoms to answer for each."""

    atoms: tuple[Atom, ...]
    windows: tuple[WindowText, ...]
    strength: Strength = Strength.STANDARD


@dataclass(frozen=True)
class ReadReply:
    """Readings by window id, then atom name. The engine checks that the ids are those it sent."""

    readings: Mapping[str, Mapping[str, ReadAtom]]
    usage: Usage
    model: str


@dataclass(frozen=True)
class PlanRequest:
    """A question to plan; `earlier` are the conversation's plans, whose atoms should be reused as they are.

    `forced`: the caller chose the collection route, so the model may ask back but not send it elsewhere.
    """

    question: str
    earlier: tuple[Plan, ...] = ()
    forced: bool = False


@dataclass(frozen=True)
class PlanReply:
    """A plan (route `collection`), or the route the question should take instead, with what to ask back."""

    route: Route
    reason: str
    plan: Plan | None = None
    clarification: str | None = None
    usage: Usage = field(default_factory=Usage)


@dataclass(frozen=True)
class PassageText:
    """A passage to answer a look-up from."""

    id: str
    source_name: str
    text: str


@dataclass(frozen=True)
class LookupStatement:
    """One statement of an answer and the passage and verbatim words that carry it."""

    text: str
    passage_id: str
    quote: str


@dataclass(frozen=True)
class LookupReply:
    """The statements of the answer; none when the passages do not hold it."""

    statements: tuple[LookupStatement, ...]
    usage: Usage
    model: str


class LanguageModel(Protocol):
    """Reads and plans. Every method raises LanguageModelError."""

    @property
    def name(self) -> str:
        """The model's name as answers and caches show it."""
        ...

    @property
    def strong_name(self) -> str | None:
        """The stronger model's name; None where there is none to ask a second time."""
        ...

    @property
    def planner_version(self) -> str:
        """Changes with the rules, the schema and the model that plan: part of the key of kept plans."""
        ...

    @property
    def contract_version(self) -> str:
        """Changes with the prompt or rules, the reply's schema and the models: part of every cache key."""
        ...

    def plan_question(self, request: PlanRequest) -> PlanReply:
        """Turn a question over the whole collection into a plan, or say why not."""
        ...

    def read_windows(self, request: ReadRequest) -> ReadReply:
        """Answer every atom for every window."""
        ...

    def fold(self, request: FoldRequest) -> FoldReply:
        """Name, sort or word what was found in all documents."""
        ...

    def answer_lookup(self, question: str, passages: Sequence[PassageText]) -> LookupReply:
        """Answer from these passages alone."""
        ...
