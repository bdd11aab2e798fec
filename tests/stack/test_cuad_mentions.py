"""Sixty real contracts through every room of the house; the test counts for itself and must agree."""

import re
from collections import Counter
from pathlib import Path

import pytest

from census.domain.dates import find_dates
from tests.stack.person import Person, somebody
from tests.stack.quotes import check_ledger, check_quotes, result_of
from tests.stack.running import RunningStack

pytestmark = [pytest.mark.stack, pytest.mark.cuad]


@pytest.fixture(scope="module")
def reader(stack: RunningStack, cuad: Path) -> Person:
    person = somebody(stack.url)
    rows = person.send(sorted((cuad / "pdf").glob("*.pdf")))
    assert len(rows) == 60
    assert {row["status"] for row in rows.values()} == {"completed"}
    return person


@pytest.fixture(scope="module")
def texts(reader: Person) -> dict[str, str]:
    return reader.texts()


def mentioning(texts: dict[str, str], pattern: str) -> set[str]:
    """Ids of the texts that hold the pattern as whole words."""
    wanted = re.compile(rf"(?<!\w)(?:{pattern})(?!\w)", re.IGNORECASE)
    return {one for one, text in texts.items() if wanted.search(text)}


def year_of_first_date(text: str) -> str:
    first = next(find_dates(text), None)
    return first.iso[:4] if first else "unknown"


def test_the_texts_of_all_sixty_contracts_can_be_read(texts: dict[str, str]) -> None:
    assert len(texts) == 60
    assert all(len(text) > 1_000 for text in texts.values())


def test_the_count_of_contracts_that_mention_a_word_is_the_one_the_texts_give(
    reader: Person, texts: dict[str, str]
) -> None:
    job = reader.answer("How many documents mention indemnification?")
    expected = mentioning(texts, "indemnifications?")
    result = result_of(job)
    assert job["status"] == "completed"
    assert result["table"] == {"columns": ["documents"], "rows": [[len(expected)]]}
    assert result["ledger"]["match"] == len(expected)
    assert f"{len(expected)} of 60 documents" in result["answer"]
    assert "rule-based" in result["answer"]
    check_ledger(job, 60)
    matched = {row["source_id"] for row in reader.client.rows(job["id"]) if row["status"] == "match"}
    assert matched == expected
    assert check_quotes(reader, job, texts) >= len(expected)


def test_the_contracts_that_mention_a_phrase_are_counted_by_the_year_of_their_first_date(
    reader: Person, texts: dict[str, str]
) -> None:
    job = reader.answer("How many documents mention 'governing law', by year?")
    expected = mentioning(texts, "governing law")
    years = Counter(year_of_first_date(texts[one]) for one in expected)
    table = result_of(job)["table"]
    assert table is not None
    assert table["columns"] == ["year", "documents"]
    assert dict(table["rows"]) == years
    assert job["status"] == "completed"
    check_ledger(job, 60)
    assert check_quotes(reader, job, texts) >= len(expected)


def test_every_match_of_the_contracts_is_quoted_word_for_word(reader: Person) -> None:
    job = reader.answer("Which documents mention 'governing law'?")
    rows = [row for row in reader.client.rows(job["id"]) if row["status"] == "match"]
    assert rows
    assert all(any("governing law" in fold(q["quote"]) for q in row["quotes"]) for row in rows)


def fold(text: str) -> str:
    return " ".join(text.split()).lower()
