"""A collection and a model for tests of what happens on the way: every third paper promises something.

Each promise is an atom of its own, so that every test asks what nobody asked before and nothing is cached.
"""

from collections.abc import Mapping

from tests.model_server import ScriptedBrain
from tests.model_server.canned_plans import atom, plan
from tests.stack.seeding import long_document

PROMISES = ("apples", "bridges", "candles", "drums", "engines", "flags", "gears")


def question_about(promise: str) -> str:
    """Asks how many documents promise something."""
    return f"How many documents promise {promise}?"


def statement_about(promise: str) -> str:
    """What the model is asked about each window then."""
    return f"The document promises {promise}."


def promising_brain() -> ScriptedBrain:
    """A model that plans those questions and reads what is written."""
    return ScriptedBrain(
        plans={f"promise {promise}": _planned(promise) for promise in PROMISES},
        words={f"promises {promise}": f"promises {promise}" for promise in PROMISES},
    )


def _planned(promise: str) -> dict[str, object]:
    wanted = atom(promise, statement_about(promise))
    found = plan("count", f"documents that promise {promise}", [wanted], {"atom": promise})
    return {"route": "collection", "reason": "It asks how many.", "clarification": None, "plan": found}


def papers(count: int) -> Mapping[str, str]:
    """Papers by file name, each a batch of its own; every third makes all the promises."""
    return {f"paper_{n:03}.txt": long_document(n, *_sentences(n)) for n in range(count)}


def promising(count: int) -> int:
    """How many of so many papers make the promises."""
    return len(range(0, count, 3))


def _sentences(number: int) -> list[str]:
    return [] if number % 3 else [f"Paper {number} promises {promise}." for promise in PROMISES]
