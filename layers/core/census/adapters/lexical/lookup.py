"""Answers a look-up with the sentences that share the most telling words with the question."""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from census.adapters.lexical.page import Page
from census.adapters.lexical.words import content_stems
from census.ports.language_model import LookupStatement, PassageText

MOST_STATEMENTS = 3
_SHARE_OF_BEST = 0.6  # a sentence that says much less than the best one is padding


@dataclass(frozen=True)
class _Candidate:
    score: float
    passage_id: str
    quote: str

    @property
    def statement(self) -> str:
        return " ".join(self.quote.split())


def best_statements(question: str, passages: Sequence[PassageText]) -> tuple[LookupStatement, ...]:
    """Up to MOST_STATEMENTS sentences, best first; equal ones in the order of the passages. None without
    a shared content word. A word counts the more, the fewer passages hold it."""
    wanted = frozenset(content_stems(question))
    pages = [(passage, Page(passage.text)) for passage in passages]
    weights = _weights(wanted, [page for _, page in pages])
    found = [c for passage, page in pages for c in _candidates(passage.id, page, weights)]
    found.sort(key=lambda candidate: -candidate.score)
    best = found[0].score if found else 0.0
    chosen: dict[str, _Candidate] = {}
    for candidate in found:
        if candidate.score >= _SHARE_OF_BEST * best and len(chosen) < MOST_STATEMENTS:
            chosen.setdefault(candidate.statement.lower(), candidate)
    return tuple(LookupStatement(c.statement, c.passage_id, c.quote) for c in chosen.values())


def _weights(wanted: frozenset[str], pages: Sequence[Page]) -> dict[str, float]:
    holding = Counter(stem for page in pages for stem in wanted & _stems_of(page))
    return {stem: math.log(1 + len(pages) / holding[stem]) for stem in sorted(wanted) if holding[stem]}


def _stems_of(page: Page) -> frozenset[str]:
    return frozenset(stem for _, _, stems in page.sentence_stems for stem in stems)


def _candidates(passage_id: str, page: Page, weights: dict[str, float]) -> list[_Candidate]:
    scored = (
        (sum(weight for stem, weight in weights.items() if stem in stems), start, end)
        for start, end, stems in page.sentence_stems
    )
    return [
        _Candidate(score, passage_id, page.sentences.quote(start, end, *page.first_word(start, end, weights)))
        for score, start, end in scored
        if score > 0
    ]
