"""A brain that knows the contracts: it plays a model that never errs, from the lawyers' own labels.

It is told nothing but the window. It recognises the contract by the text, and the topic by a criterion's
statement, which must name a category as the gold does ("Anti-Assignment", "Audit Rights"), "agreement date"
or "governing law". A window matches where it covers the middle of a gold quote, so that some window of the
document always does, however it was cut; what it quotes stands in the window as it is quoted.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path

from tests.model_server.brains import NO_MATCH, AskedWindow, Json, no_plan
from tests.model_server.canned_plans import canned_plan
from tests.model_server.gold_rows import Gold, GoldRow
from tests.model_server.gold_text import ContractIndex, Place, Squeezed, words_in
from tests.model_server.gold_themes import fold_laws

AGREEMENT_DATE = "Agreement Date"
GOVERNING_LAW = "Governing Law"


class GoldBrain:
    """Answers from gold; `texts` are the contracts by file name, without ending."""

    def __init__(self, gold: Gold, texts: Mapping[str, str]) -> None:
        self.gold = gold
        self._index = ContractIndex(texts)
        self._seen = lru_cache(maxsize=2048)(self._see)
        self._anchor = lru_cache(maxsize=None)(self._find_anchor)

    @classmethod
    def load(cls, folder: Path) -> "GoldBrain":
        """The brain for a folder with `gold.jsonl` and `txt/`."""
        texts = {
            path.stem: path.read_text(encoding="utf-8") for path in sorted((folder / "txt").glob("*.txt"))
        }
        return cls(Gold.load(folder), texts)

    def plan(self, question: str, earlier: Sequence[Json]) -> Json:
        """A canned plan, or a question back."""
        return canned_plan(question) or no_plan(question)

    def lookup(self, question: str, passages: Sequence[AskedWindow]) -> list[Json]:
        """The first passage, word for word: gold has no answers to look-ups."""
        return [{"text": p.text[:200], "passage_id": p.id, "quote": p.text[:200]} for p in passages[:1]]

    def fold(self, step: str, texts: Sequence[str], themes: Sequence[str], most: int) -> Json:
        """Laws fall into the themes of gold_themes."""
        return fold_laws(step, texts, themes)

    def read(self, criteria: Sequence[Json], window: AskedWindow) -> dict[str, Json]:
        """A reading of every criterion; no match for a window of no known contract."""
        return {criterion["name"]: self._reading(criterion, window.text) for criterion in criteria}

    def contract_of(self, text: str) -> str | None:
        """The contract that a window's text comes from."""
        _, place = self._seen(text)
        return place.contract if place else None

    def topic_of(self, statement: str) -> str | None:
        """The category, or agreement date or governing law, that a statement names."""
        said = f" {words_in(statement)} "
        names = (AGREEMENT_DATE, *self.gold.categories, GOVERNING_LAW)
        named = next((name for name in names if f" {words_in(name)} " in said), None)
        return named or (GOVERNING_LAW if " governed by " in said else None)

    def _see(self, text: str) -> tuple[Squeezed, Place | None]:
        squeezed = Squeezed.of(text)
        return squeezed, self._index.place(squeezed)

    def _reading(self, criterion: Json, text: str) -> Json:
        window, place = self._seen(text)
        topic = self.topic_of(criterion["statement"])
        if place is None or topic is None:
            return NO_MATCH
        row = self.gold.rows[place.contract]
        value, kind = _value(row, topic)
        if value is None or not self._asked_law(criterion["statement"], topic, value):
            return NO_MATCH
        quotes = self._quotes(row, topic, window, place)
        if not quotes:
            return NO_MATCH
        named = next((f["name"] for f in criterion.get("fields", []) if f["type"] == kind), None)
        values = [{"field": named, "value": value, "unit": None, "quote": quotes[0]}] if named else []
        return {"status": "match", "quotes": quotes, "values": values}

    def _asked_law(self, statement: str, topic: str, law: str) -> bool:
        """Whether a statement that names a law names this one; one that names none fits any."""
        if topic != GOVERNING_LAW:
            return True
        said = f" {words_in(statement)} "
        asked = next((name for name in self.gold.laws if f" {name} " in said), None)
        return asked is None or f" {asked} " in f" {words_in(law)} "

    def _quotes(self, row: GoldRow, topic: str, window: Squeezed, place: Place) -> list[str]:
        found = []
        for quote in _evidence(row, topic):
            whole = window.find(quote)
            if whole is None and not place.start <= self._anchor(row.file, quote) < place.end:
                continue
            span = whole or window.nearest(quote) or (0, min(40, len(window.letters)))
            found.append(window.verbatim(*span))
        return list(dict.fromkeys(found))

    def _find_anchor(self, contract: str, quote: str) -> int:
        span = self._index.contracts[contract].nearest(quote)
        return (span[0] + span[1]) // 2 if span else 0


def _value(row: GoldRow, topic: str) -> tuple[str | None, str]:
    """What gold says on a topic, None for no, and the type of the field that would take it."""
    if topic == AGREEMENT_DATE:
        return row.date, "date"
    if topic == GOVERNING_LAW:
        return row.governing_law, "text"
    return ("yes" if row.answers[topic] else None), "text"


def _evidence(row: GoldRow, topic: str) -> Sequence[str]:
    """The gold quotes on a topic, for a date the fullest first; an empty one where gold has none."""
    quotes = row.quotes.get(topic) or ("",)
    if topic == AGREEMENT_DATE:
        return sorted(quotes, key=lambda quote: -sum(c.isdigit() for c in quote))
    return quotes
