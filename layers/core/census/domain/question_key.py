"""When two questions are the same question: plans are kept by it, so that it is planned once."""

import json
import re
import unicodedata
from collections.abc import Sequence

from census.domain.identity import sha256
from census.domain.plan import Plan

_QUOTES = re.compile(r"[\"'“”„‟«»‘’‚`]")
_TRIMMED = " \t.?!…"


def normalised(question: str) -> str:
    """The question without differences that mean nothing: white space, how characters are composed, its end,
    and case, unless words stand in quotation marks, where case may be meant.
    """
    text = " ".join(unicodedata.normalize("NFKC", question).split()).strip(_TRIMMED)
    return text if _QUOTES.search(text) else text.casefold()


def question_key(question: str, earlier: Sequence[Plan], planner: str) -> str:
    """What a plan is kept by: the question, what was asked before it, and who plans (64 hex digits).

    "And by year?" means something else after another question. `planner`: changes with model and rules.
    """
    before = [[plan.predicate, *(atom.key for atom in plan.atoms)] for plan in earlier]
    return sha256(json.dumps([normalised(question), before, planner]))
