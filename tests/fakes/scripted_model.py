"""A language model that reads by the built-in rules and misbehaves as a script says."""

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from census.adapters.lexical import LexicalLanguageModel
from census.ports.folding import FoldReply, FoldRequest
from census.ports.language_model import (
    LookupReply,
    ModelBusyError,
    ModelRefusalError,
    ModelReplyCutError,
    ModelReplyInvalidError,
    ModelUnusableError,
    PassageText,
    PlanReply,
    PlanRequest,
    ReadAtom,
    ReadReply,
    ReadRequest,
    Usage,
)

Fault = Callable[[ReadRequest], ReadReply | None]
"""Raises, gives a reply of its own, or None to let the request be read."""

COST = Usage(calls=1, input_tokens=100, output_tokens=10)


@dataclass
class ScriptedLanguageModel:
    """Implements census.ports.language_model.LanguageModel. `requests` are the calls made, in order."""

    faults: Sequence[Fault] = ()
    plan_reply: PlanReply | None = None
    name: str = "scripted"
    strong_name: str | None = None
    contract_version: str = "1"
    planner_version: str = "scripted"
    requests: list[ReadRequest] = field(default_factory=list)
    folding: Callable[[FoldRequest], FoldReply | None] | None = None
    folds: list[FoldRequest] = field(default_factory=list)
    plans: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def calls(self) -> int:
        """How many times it was asked to read."""
        return len(self.requests)

    def plan_question(self, request: PlanRequest) -> PlanReply:
        """The reply of the script, or the plan that the rules make."""
        self.plans += 1
        return self.plan_reply or LexicalLanguageModel().plan_question(request)

    def read_windows(self, request: ReadRequest) -> ReadReply:
        """The first fault that has something to say, else the reading of the rules."""
        with self._lock:
            self.requests.append(request)
        for fault in self.faults:
            reply = fault(request)
            if reply is not None:
                return reply
        return read_by_rules(request)

    def fold(self, request: FoldRequest) -> FoldReply:
        """What the script says, or what the rules make of it, at this model's cost."""
        with self._lock:
            self.folds.append(request)
        reply = self.folding(request) if self.folding else None
        return reply or replace(LexicalLanguageModel().fold(request), usage=COST)

    def answer_lookup(self, question: str, passages: Sequence[PassageText]) -> LookupReply:
        """As the rules do."""
        return LexicalLanguageModel().answer_lookup(question, passages)


def read_by_rules(request: ReadRequest) -> ReadReply:
    """What the lexical model reads, at this model's cost."""
    return replace(LexicalLanguageModel().read_windows(request), usage=COST, model="scripted")


def first(times: int, fault: Fault) -> Fault:
    """The fault, for the first calls only."""
    left = [times]
    lock = threading.Lock()

    def happen(request: ReadRequest) -> ReadReply | None:
        with lock:
            if left[0] == 0:
                return None
            left[0] -= 1
        return fault(request)

    return happen


def about(word: str, fault: Fault) -> Fault:
    """The fault, for requests with a window that holds the word."""
    return lambda request: fault(request) if any(word in w.text for w in request.windows) else None


def busy(retry_after: float | None = None) -> Fault:
    """429."""

    def happen(_request: ReadRequest) -> ReadReply:
        raise ModelBusyError("The model is busy.", retry_after)

    return happen


def refusing(_request: ReadRequest) -> ReadReply:
    """The model declines, and bills."""
    raise ModelRefusalError("The model declined to read this.", COST)


def invalid(_request: ReadRequest) -> ReadReply:
    """Nonsense, billed."""
    raise ModelReplyInvalidError("The reply is not JSON.", COST)


def unusable(_request: ReadRequest) -> ReadReply:
    """A wrong key."""
    raise ModelUnusableError("The key is not accepted: set OPENAI_API_KEY.")


def cut_above(windows: int) -> Fault:
    """The reply is cut short when more windows than this were sent."""

    def happen(request: ReadRequest) -> ReadReply | None:
        if len(request.windows) > windows:
            raise ModelReplyCutError("The reply was cut short.", COST)
        return None

    return happen


def leaving_out(*ids: str) -> Fault:
    """A reply without some of the windows."""

    def happen(request: ReadRequest) -> ReadReply:
        reply = read_by_rules(request)
        kept = {name: atoms for name, atoms in reply.readings.items() if name not in ids}
        return replace(reply, readings=kept)

    return happen


def answering(change: Callable[[ReadAtom], ReadAtom]) -> Fault:
    """A reply in which every atom's reading is changed."""

    def happen(request: ReadRequest) -> ReadReply:
        reply = read_by_rules(request)
        changed: Mapping[str, Mapping[str, ReadAtom]] = {
            window: {name: change(read) for name, read in atoms.items()}
            for window, atoms in reply.readings.items()
        }
        return replace(reply, readings=changed)

    return happen


def waiting(entered: threading.Event, go_on: threading.Event) -> Fault:
    """Says that it was asked, and reads when it may."""

    def happen(_request: ReadRequest) -> None:
        entered.set()
        assert go_on.wait(60)

    return happen
