"""Real contracts: the text of each PDF against the text that came with it."""

import re
import statistics
from collections import Counter
from pathlib import Path

import pytest

from census.adapters.subprocess_text_extractor import SubprocessTextExtractor
from census.domain.extracted_text import ExtractedText
from census.domain.passages import split_passages
from census.domain.windows import cut_windows

CUAD = Path(__file__).resolve().parents[2].parent / "shared" / "cuad"

pytestmark = [
    pytest.mark.cuad,
    pytest.mark.skipif(not CUAD.is_dir(), reason="the 60 contracts are not at ../shared/cuad"),
]


def token_f1(found: str, expected: str) -> float:
    """The harmonic mean of precision and recall over bags of words."""
    left, right = (Counter(re.findall(r"\w+", text.lower())) for text in (found, expected))
    return 2 * (left & right).total() / (left.total() + right.total())


@pytest.fixture(scope="module")
def contracts() -> dict[str, ExtractedText]:
    extractor = SubprocessTextExtractor()
    return {path.stem: extractor.extract(path, path.name) for path in sorted(CUAD.glob("pdf/*.pdf"))}


def test_the_words_of_every_contract_are_found(contracts: dict[str, ExtractedText]) -> None:
    scores = {
        name: token_f1(extracted.text, (CUAD / "txt" / f"{name}.txt").read_text(encoding="utf-8"))
        for name, extracted in contracts.items()
    }
    worst = min(scores, key=lambda name: scores[name])
    assert len(scores) == 60
    assert statistics.median(scores.values()) >= 0.995
    assert scores[worst] >= 0.97, worst


def test_contracts_are_cut_into_passages_and_windows_that_cover_them(
    contracts: dict[str, ExtractedText],
) -> None:
    for extracted in contracts.values():
        passages, windows = split_passages(extracted), cut_windows(extracted)
        assert all(each.tokens <= 600 for each in passages)
        assert all(each.tokens <= 5000 for each in windows)
        assert all(each.page is not None for each in passages)
        assert statistics.median(each.tokens for each in passages) >= 100
