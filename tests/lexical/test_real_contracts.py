"""Sixty real contracts: the counts are those that a plain search of the texts gives."""

import json
import re
from pathlib import Path

import pytest

from census.adapters.lexical import LexicalLanguageModel
from census.domain.values import find_dates, year_of
from census.ports.language_model import PlanRequest, ReadRequest, ReadStatus, WindowText

CONTRACTS = Path(__file__).parents[3] / "shared" / "cuad"
pytestmark = [
    pytest.mark.cuad,
    pytest.mark.skipif(not CONTRACTS.is_dir(), reason="the contracts are not at ../shared/cuad"),
]


@pytest.fixture(scope="module")
def texts() -> dict[str, str]:
    return {path.stem: path.read_text() for path in sorted((CONTRACTS / "txt").glob("*.txt"))}


@pytest.mark.parametrize(
    ("question", "pattern"),
    [
        ("How many documents mention indemnification?", r"\bindemnifications?\b"),
        ("How many documents mention 'governing law', by year?", r"\bgoverning\s+law\b"),
        ("How many documents mention audit rights?", r"\baudit\s+rights?\b"),
        ("How many documents mention third party?", r"\bthird\s+part(?:y|ies)\b"),
    ],
)
def test_the_documents_that_mention_a_term_are_those_a_search_finds(
    texts: dict[str, str], question: str, pattern: str
) -> None:
    model = LexicalLanguageModel()
    plan = model.plan_question(PlanRequest(question)).plan
    assert plan is not None
    windows = tuple(WindowText(name, "", text) for name, text in texts.items())

    readings = model.read_windows(ReadRequest(plan.atoms, windows)).readings

    found = {n for n, atoms in readings.items() if atoms[plan.atoms[0].name].status is ReadStatus.MATCH}
    assert found == {n for n, text in texts.items() if re.search(pattern, text, re.IGNORECASE)}
    assert all(
        quote in texts[name] for name, atoms in readings.items() for a in atoms.values() for quote in a.quotes
    )


def test_the_first_date_is_nearly_always_of_the_year_of_the_agreement(texts: dict[str, str]) -> None:
    gold = map(json.loads, (CONTRACTS / "gold.jsonl").read_text().splitlines())
    years = {g["file"]: g["agreement_date"][-4:] for g in gold if _is_full(g["agreement_date"])}

    first = {name: next(find_dates(texts[name]), None) for name in years}

    same = sum(found is not None and year_of(found.iso) == years[name] for name, found in first.items())
    assert same >= 0.9 * len(years)


def _is_full(day: str | None) -> bool:
    return bool(day and re.fullmatch(r"\d{1,2}/\d{1,2}/\d{4}", day))
