"""Fold the findings of a job: themes by a codebook over labels, a summary by a tree of notes.

Every node is one small call, kept by the hash of what it was made of and charged in the transaction that
keeps it. So a killed, repeated or regrouped reduction pays for no node twice. No transaction is open while
the model is asked.
"""

import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from census.application.charge_usage import charge_usage
from census.application.check_budget import budget_used_up
from census.domain.errors import CensusError
from census.domain.folding import (
    FINDINGS_A_NODE,
    LABELS_A_NODE,
    MOST_LABEL_CHARACTERS,
    MOST_NOTE_CHARACTERS,
    MOST_THEMES,
    NOTES_A_NODE,
    bounded,
    filled,
    node_key,
    unknown_placeholders,
    without_numbers,
)
from census.domain.plan import JsonObject, Kind, Plan
from census.domain.prices import UnknownPriceError
from census.domain.prose_numbers import foreign_numbers
from census.ports.folding import FoldReply, FoldRequest, FoldStep
from census.ports.job_store import Job
from census.ports.language_model import (
    LanguageModel,
    LanguageModelError,
    ModelBusyError,
    Usage,
)
from census.ports.reduction_store import Foldable
from census.ports.unit_of_work import Database

ASKED_TO_TELL = 2
NO_PROSE = "No prose could be worded without figures of its own; the quotes show what the documents say."


DELETED_MEANWHILE = "A document was deleted while the findings were folded; run again, without it."


class ReduceUnfinishedError(CensusError):
    """Time is nearly up, or a document went, and nodes are missing; run again, what is made is kept."""


class FoldRefusedError(CensusError):
    """The model's part cannot be had: the money is used up, or no retry will help. The message says which."""


@dataclass(frozen=True)
class FoldTools:
    """What folding works with. `price` turns usage into US dollars; `in_time`: one more call can end."""

    database: Database
    model: LanguageModel
    price: Callable[[Usage], Decimal]
    in_time: Callable[[], bool] = lambda: True


@dataclass(frozen=True)
class _Node:
    key: str
    content: JsonObject


@dataclass
class FindingsFolder:
    """Folds the findings of one job. Raises ReduceUnfinishedError, FoldRefusedError, ModelBusyError."""

    tools: FoldTools
    job: Job
    plan: Plan
    largest: int = field(default=0)
    """Texts in the largest node."""

    # Themes

    def themes(self) -> None:
        """Draw up the codebook and write the theme of every label: each finding counts for one theme."""
        drafts = [self._drafted([label.text for label in labels], labels) for labels in self._pages("labels")]
        most = min(self.plan.limit or MOST_THEMES, MOST_THEMES)
        while len(drafts) > 1:
            drafts = [self._merged(group, most) for group in _groups(drafts, NOTES_A_NODE)]
        codebook = tuple(drafts[0].content["texts"]) if drafts else ()
        if codebook:
            for labels in self._pages("labels"):
                self._assign(codebook[:most], labels)

    def _drafted(self, texts: Sequence[str], labels: Sequence[Foldable]) -> _Node:
        most = min(self.plan.limit or MOST_THEMES, MOST_THEMES)
        request = FoldRequest(FoldStep.DRAFT, self.plan.predicate, tuple(texts), most=most)
        return self._node(request, sources=_sources(labels))

    def _merged(self, drafts: Sequence[_Node], most: int) -> _Node:
        names = dict.fromkeys(name for draft in drafts for name in draft.content["texts"])
        request = FoldRequest(FoldStep.DRAFT, self.plan.predicate, tuple(names), most=most)
        return self._node(request, children=[draft.key for draft in drafts])

    def _assign(self, codebook: tuple[str, ...], labels: Sequence[Foldable]) -> None:
        texts = tuple(label.text for label in labels)
        request = FoldRequest(FoldStep.ASSIGN, self.plan.predicate, texts, themes=codebook)
        places = self._node(request, sources=_sources(labels)).content["places"]
        chosen = {
            label.norm: codebook[place] if place is not None and 0 <= place < len(codebook) else None
            for label, place in zip(labels, [*places, *[None] * len(labels)], strict=False)
        }
        with self.tools.database.tenant(self.job.tenant_id) as work:
            work.reductions.assign(self.job.id, chosen)

    # Summary

    def summary(self, figures: Mapping[str, int]) -> str:
        """The findings as prose in which only these figures stand, or the words that there is none."""
        notes = list(self._first_notes())
        while len(notes) > NOTES_A_NODE:
            notes = [self._noted([_text(n) for n in group], group) for group in _groups(notes, NOTES_A_NODE)]
        texts = tuple(text for note in notes if (text := without_numbers(_text(note))))
        if not texts:
            return NO_PROSE
        for attempt in range(ASKED_TO_TELL):
            request = FoldRequest(FoldStep.TELL, self.plan.predicate, texts, figures=tuple(figures))
            prose = _text(self._node(request, children=[note.key for note in notes], attempt=attempt))
            if prose and not foreign_numbers(prose) and not unknown_placeholders(prose, figures):
                return filled(prose, figures)
        return NO_PROSE

    def _first_notes(self) -> Iterator[_Node]:
        for quotes in self._pages("quotes"):
            request = FoldRequest(FoldStep.NOTE, self.plan.predicate, tuple(quote.text for quote in quotes))
            yield self._node(request, sources=_sources(quotes))

    def _noted(self, texts: Sequence[str], children: Sequence[_Node]) -> _Node:
        request = FoldRequest(FoldStep.NOTE, self.plan.predicate, tuple(filter(None, texts)) or ("",))
        return self._node(request, children=[child.key for child in children])

    # Nodes

    def _pages(self, what: str) -> Iterator[list[Foldable]]:
        """Labels or quotes, a node's worth at a time; no transaction is open while one is folded."""
        most = LABELS_A_NODE if what == "labels" else FINDINGS_A_NODE
        after: Foldable | None = None
        while True:
            with self.tools.database.tenant(self.job.tenant_id) as work:
                found = work.reductions.labels if what == "labels" else work.reductions.quotes
                page = found(self.job.id, after, most)
            if not page:
                return
            after = page[-1]
            yield from _fitting(page, most)

    def _node(
        self,
        request: FoldRequest,
        *,
        children: Sequence[str] = (),
        sources: Sequence[uuid.UUID] = (),
        attempt: int = 0,
    ) -> _Node:
        self.largest = max(self.largest, len(request.texts))
        model = self.tools.model
        parts = [request.question, request.texts, request.themes, request.most, request.figures, attempt]
        key = node_key(request.step.value, f"{model.name} {model.contract_version}", parts)
        with self.tools.database.tenant(self.job.tenant_id) as work:
            kept = work.reductions.node(key)
        if kept is not None:
            return _Node(key, kept)
        self._check_limits()
        reply = self._asked(request)
        content: JsonObject = {"texts": _short(request, reply.texts), "places": list(reply.places)}
        with self.tools.database.tenant(self.job.tenant_id) as work:
            charge_usage(work, self.tools.price, self.job.user_id, reply.usage, self.job.id)
            if work.reductions.keep(self.job.id, key, content, children, sources):
                return _Node(key, content)
        raise ReduceUnfinishedError(DELETED_MEANWHILE)

    def _check_limits(self) -> None:
        if not self.tools.in_time():
            raise ReduceUnfinishedError("The findings are not all folded yet; run again.")
        with self.tools.database.tenant(self.job.tenant_id) as work:
            job = work.jobs.get(self.job.id)
            used_up = budget_used_up(work, job.user_id)
        if job.status.final:
            raise FoldRefusedError(f"the job is {job.status.value}")
        if job.cap_usd is not None and job.spent_usd >= job.cap_usd:
            raise FoldRefusedError(f"the cap of {job.cap_usd:f} US dollars is reached")
        if used_up:
            raise FoldRefusedError("the budget is used up")

    def _asked(self, request: FoldRequest) -> FoldReply:
        """The model's reply. What a failed call cost is charged all the same."""
        try:
            return self.tools.model.fold(request)
        except LanguageModelError as error:
            with self.tools.database.tenant(self.job.tenant_id) as work:
                charge_usage(work, self.tools.price, self.job.user_id, error.usage, self.job.id)
            if isinstance(error, ModelBusyError):
                raise
            raise FoldRefusedError(f"the model gave no usable reply: {error}") from error
        except UnknownPriceError as error:
            raise FoldRefusedError(str(error)) from error


def fold_findings(tools: FoldTools, job: Job, plan: Plan, figures: Mapping[str, int]) -> str | None:
    """The prose of a summary; None for themes, which are in the rows afterwards. Raises as FindingsFolder."""
    folder = FindingsFolder(tools, job, plan)
    if plan.kind is Kind.SUMMARY:
        return folder.summary(figures)
    folder.themes()
    return None


def _short(request: FoldRequest, texts: Iterable[str]) -> list[str]:
    """What a reply may hand on: as many names of themes as asked for; notes within bounds."""
    if request.step is FoldStep.DRAFT:
        names = (" ".join(text.split())[:MOST_LABEL_CHARACTERS] for text in texts)
        return list(dict.fromkeys(name for name in names if name))[: request.most]
    return [text[:MOST_NOTE_CHARACTERS] for text in texts][:1]


def _text(node: _Node) -> str:
    return str(next(iter(node.content["texts"]), ""))


def _sources(found: Iterable[Foldable]) -> list[uuid.UUID]:
    return sorted({source for one in found for source in one.sources})


def _groups(nodes: Sequence[_Node], size: int) -> Iterator[Sequence[_Node]]:
    return (nodes[start : start + size] for start in range(0, len(nodes), size))


def _fitting(found: Sequence[Foldable], most: int) -> Iterator[list[Foldable]]:
    """A page cut where its texts would exceed what a node may hold."""
    start = 0
    for group in bounded((one.text for one in found), most):
        yield list(found[start : start + len(group)])
        start += len(group)
