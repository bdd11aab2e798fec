"""The built-in language model: rules only, no network, the same answer every time."""

from collections.abc import Sequence

from census.adapters.lexical.folding import fold_by_rules
from census.adapters.lexical.lookup import best_statements
from census.adapters.lexical.page import Page
from census.adapters.lexical.planning import plan_by_rules
from census.adapters.lexical.reading import read_atom
from census.ports.folding import FoldReply, FoldRequest
from census.ports.language_model import (
    LookupReply,
    PassageText,
    PlanReply,
    PlanRequest,
    ReadReply,
    ReadRequest,
    Usage,
)


class LexicalLanguageModel:
    """A `LanguageModel` that finds words and does not judge meaning. It costs nothing and never fails.

    "Mention X" is: X occurs as whole words, case folded, singular or plural; in quotes, as it stands.
    """

    name = "lexical"
    strong_name: str | None = None
    planner_version = "lexical"  # plans cost nothing, so none is kept
    contract_version = "2"  # raise it when the same atom would be read differently: results are kept by it

    def plan_question(self, request: PlanRequest) -> PlanReply:
        """A plan by rules; see `planning`."""
        return plan_by_rules(request)

    def read_windows(self, request: ReadRequest) -> ReadReply:
        """Every atom of every window; quotes are verbatim pieces of the window."""
        readings = {}
        for window in request.windows:
            page = Page(window.text)
            readings[window.id] = {atom.name: read_atom(atom, page) for atom in request.atoms}
        return ReadReply(readings, Usage(calls=1), self.name)

    def fold(self, request: FoldRequest) -> FoldReply:
        """Themes by the stems that labels share; notes of what stands first."""
        return fold_by_rules(request)

    def answer_lookup(self, question: str, passages: Sequence[PassageText]) -> LookupReply:
        """The sentences that share most with the question; none where no content word is shared."""
        return LookupReply(best_statements(question, passages), Usage(calls=1), self.name)
