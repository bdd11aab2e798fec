"""What answers behind the server: a brain gets what a prompt asks, and gives what a model would decide."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, runtime_checkable

Json = dict[str, Any]
NO_MATCH: Json = {"status": "no_match", "quotes": [], "values": []}


@dataclass(frozen=True)
class AskedWindow:
    """A window (or a passage) as the prompt carries it."""

    id: str
    heading: str
    text: str


class Brain(Protocol):
    """Decides; the server speaks HTTP. All three may be called in several threads at once."""

    def plan(self, question: str, earlier: Sequence[Json]) -> Json:
        """A reply in the plan schema: `{"route", "reason", "clarification", "plan"}`."""
        ...

    def read(self, criteria: Sequence[Json], window: AskedWindow) -> dict[str, Json]:
        """By criterion name: `{"status", "quotes", "values"}`."""
        ...

    def lookup(self, question: str, passages: Sequence[AskedWindow]) -> list[Json]:
        """Statements: `{"text", "passage_id", "quote"}`."""
        ...

    def fold(self, step: str, texts: Sequence[str], themes: Sequence[str], most: int) -> Json:
        """`{"texts", "places"}` for a step of folding: draft, assign, note or tell."""
        ...


@runtime_checkable
class Tampering(Protocol):
    """A brain whose replies may leave the schema, as a model's could that obeys what it reads."""

    def tampered(self, windows: Sequence[AskedWindow], reply: Json) -> Json | str:
        """What goes out in place of a reply; a text goes out as it is."""
        ...


def no_plan(question: str) -> Json:
    """The reply to a question that a brain knows no plan for."""
    return {
        "route": "clarification",
        "reason": "This test server has canned plans only.",
        "clarification": f"I have no plan for {question!r}. What should be read in each document?",
        "plan": None,
    }


def fold_by_words(step: str, texts: Sequence[str], themes: Sequence[str], most: int) -> Json:
    """The first words of labels are their themes; notes are what stands first, and tell no figure."""
    first = [text.split()[0].lower() if text.split() else "" for text in texts]
    if step == "draft":
        return {"texts": list(dict.fromkeys(word for word in first if word))[:most], "places": []}
    if step == "assign":
        known = {theme.lower(): place for place, theme in enumerate(themes)}
        return {"texts": [], "places": [known.get(word) for word in first]}
    return {"texts": [re.sub(r"[\d{}]", "", texts[0]) if texts else "Nothing was found."], "places": []}


@dataclass(frozen=True)
class ScriptedBrain:
    """Answers from a script: `plans` by regular expression, `words` by what a criterion's statement contains.

    A criterion whose statement contains a key of `words` matches where its regular expression is found in the
    window, quoting what was found; a criterion with fields gives the found text as the first field's value.
    A passage that contains a word of the question of five letters or more answers a look-up.
    """

    plans: Mapping[str, Json] = field(default_factory=dict)
    words: Mapping[str, str] = field(default_factory=dict)

    def plan(self, question: str, earlier: Sequence[Json]) -> Json:
        for pattern, reply in self.plans.items():
            if re.search(pattern, question, re.IGNORECASE):
                return reply
        return no_plan(question)

    def read(self, criteria: Sequence[Json], window: AskedWindow) -> dict[str, Json]:
        return {criterion["name"]: self._reading(criterion, window.text) for criterion in criteria}

    def fold(self, step: str, texts: Sequence[str], themes: Sequence[str], most: int) -> Json:
        return fold_by_words(step, texts, themes, most)

    def _reading(self, criterion: Json, text: str) -> Json:
        patterns = (p for key, p in self.words.items() if key.lower() in criterion["statement"].lower())
        found = next((hit for p in patterns if (hit := re.search(p, text, re.IGNORECASE))), None)
        if found is None:
            return NO_MATCH
        values = [
            {"field": entry["name"], "value": found.group(), "unit": None, "quote": found.group()}
            for entry in criterion.get("fields", [])[:1]
        ]
        return {"status": "match", "quotes": [found.group()], "values": values}

    def lookup(self, question: str, passages: Sequence[AskedWindow]) -> list[Json]:
        words = re.findall(r"\w{5,}", question)
        found = (p for p in passages if any(word.lower() in p.text.lower() for word in words))
        return [{"text": p.text, "passage_id": p.id, "quote": p.text} for p in found]
