"""expected.json says what is in the sample documents; here it is held against the documents themselves."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from infra.local.demo import QUESTIONS, SAMPLES
from samples.make_pdfs import make_pdfs
from tests.samples.reading import field, first_date, mentions, pages, read

EXPECTED: dict[str, Any] = json.loads((SAMPLES.parent / "expected.json").read_text("utf-8"))
DOCUMENTS: dict[str, dict[str, Any]] = EXPECTED["documents"]
TICKETS = {name: facts for name, facts in DOCUMENTS.items() if facts["kind"] == "ticket"}
WINDOW_CHARACTERS = 6_000 * 4.9  # 6,000 tokens of real text


def matching(*wanted: str, without: str = "") -> list[str]:
    return [
        name
        for name, facts in DOCUMENTS.items()
        if set(wanted) <= set(facts["mentions"]) and without not in facts["mentions"]
    ]


def year_of(name: str) -> str:
    return (DOCUMENTS[name]["first_date"] or "unknown")[:7].split("-")[0]


def test_every_document_is_described_and_every_description_has_its_document() -> None:
    assert sorted(DOCUMENTS) == sorted(path.name for path in SAMPLES.iterdir())


def test_the_collection_is_a_mix_of_kinds_and_formats() -> None:
    kinds = Counter(facts["kind"] for facts in DOCUMENTS.values())
    formats = Counter(Path(name).suffix for name in DOCUMENTS)
    assert kinds == {"contract": 18, "ticket": 12}
    assert formats == {".pdf": 6, ".html": 6, ".md": 9, ".txt": 9}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_the_mentions_recorded_are_those_in_the_text(name: str) -> None:
    text = read(SAMPLES / name)
    assert [phrase for phrase in EXPECTED["phrases"] if mentions(text, phrase)] == DOCUMENTS[name]["mentions"]


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_phrase_stands_in_small_letters_too_so_that_quoting_it_finds_it_either_way(name: str) -> None:
    text = " ".join(read(SAMPLES / name).split())
    for phrase in {"audit rights", "limitation of liability"} & set(DOCUMENTS[name]["mentions"]):
        assert phrase in text


@pytest.mark.parametrize("name", DOCUMENTS)
def test_the_first_date_recorded_is_the_first_in_the_text(name: str) -> None:
    found = first_date(read(SAMPLES / name))
    assert (found.isoformat() if found else None) == DOCUMENTS[name]["first_date"]


@pytest.mark.parametrize("name", TICKETS)
def test_the_fields_recorded_are_the_lines_of_the_ticket(name: str) -> None:
    text = read(SAMPLES / name)
    found = {"priority": field(text, "Priority"), "product": field(text, "Product")}
    assert found == {key: TICKETS[name][key] for key in found}


def test_contracts_have_no_priority() -> None:
    assert not [name for name in DOCUMENTS.keys() - TICKETS.keys() if field(read(SAMPLES / name), "Priority")]


def test_the_count_by_year_follows_from_the_documents() -> None:
    question = EXPECTED["questions"]["count_by_year"]
    found = matching("indemnification")
    assert question["match"] == len(found)
    assert question["groups"] == Counter(map(year_of, found))


def test_the_count_by_priority_follows_from_the_documents() -> None:
    question = EXPECTED["questions"]["count_by_priority"]
    found = [name for name in DOCUMENTS if mentions(read(SAMPLES / name), "Meridian Portal")]
    assert question["match"] == len(found)
    assert question["groups"] == Counter(DOCUMENTS[name].get("priority") or "unknown" for name in found)


def test_the_lists_follow_from_the_documents() -> None:
    questions = EXPECTED["questions"]
    assert questions["list"]["documents"] == matching("audit rights", without="limitation of liability")
    assert questions["both_clauses"]["match"] == len(matching("audit rights", "limitation of liability"))


def test_the_look_up_question_has_its_answer_in_the_named_document_only() -> None:
    question = EXPECTED["questions"]["lookup"]
    answer = f"notice period for leaving the Halden Quay warehouse is {question['words']}"
    having = [name for name in DOCUMENTS if answer in " ".join(read(SAMPLES / name).split())]
    assert having == [question["document"]]


def test_the_demo_asks_questions_whose_answers_are_recorded() -> None:
    recorded = {question["question"] for question in EXPECTED["questions"].values()}
    assert recorded.issuperset(QUESTIONS)


def test_the_long_contract_has_its_two_clauses_in_different_windows() -> None:
    text = " ".join(read(SAMPLES / "master_services_norrland.pdf").split())
    assert text.index("audit rights") < 0.05 * len(text)
    assert text.index("limitation of liability") > WINDOW_CHARACTERS


def test_contracts_in_pdf_have_several_pages() -> None:
    contracts = [SAMPLES / name for name in DOCUMENTS.keys() - TICKETS.keys() if name.endswith(".pdf")]
    assert all(len(pages(path)) >= 2 for path in contracts)


def test_the_committed_pdfs_are_those_of_the_sources(tmp_path: Path) -> None:
    made = make_pdfs(tmp_path)
    assert {path.name for path in made} == {name for name in DOCUMENTS if name.endswith(".pdf")}
    for path in made:
        assert path.read_bytes() == (SAMPLES / path.name).read_bytes(), f"{path.name}: run samples.make_pdfs"
