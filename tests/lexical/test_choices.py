"""What a question in words chooses: the documents that are asked, and how much of each is read."""

import pytest

from census.adapters.lexical import LexicalLanguageModel
from census.adapters.lexical.keywords import MOST_KEYWORDS
from census.domain.plan import Plan
from census.domain.plan_codec import plan_to_json
from census.ports.language_model import ReadRequest, WindowText
from tests.lexical.test_planning import logic, plan_of

FILTERED = {
    "How many PDFs mention arbitration?": {"content_types": ["application/pdf"]},
    "How many PDF contracts mention arbitration?": {"content_types": ["application/pdf"]},
    "Which web pages mention arbitration?": {"source_kinds": ["page"]},
    "How many documents tagged legal mention arbitration?": {"tags": ["legal"]},
    'How many documents with the tags "legal" and "2019" mention arbitration?': {"tags": ["legal", "2019"]},
    "How many documents uploaded since 2024-02-29 mention arbitration?": {"added_after": "2024-02-29"},
    "How many documents added after 2023 mention arbitration?": {"added_after": "2024-01-01"},
    "How many documents that were added before 2024-06 mention arbitration?": {"added_before": "2024-06-01"},
    "Which documents added in 2024-12 mention arbitration?": {
        "added_after": "2024-12-01",
        "added_before": "2025-01-01",
    },
    "How many PDFs tagged legal, added since 2024-01-01, mention arbitration?": {
        "content_types": ["application/pdf"],
        "tags": ["legal"],
        "added_after": "2024-01-01",
    },
}


@pytest.mark.parametrize("question", FILTERED)
def test_what_chooses_documents_becomes_filters_and_is_no_word_to_look_for(question: str) -> None:
    plan = plan_of(question)

    assert plan_to_json(plan)["filters"] == FILTERED[question]
    assert logic(plan) == "arbitration"


def test_a_day_that_does_not_exist_is_no_filter() -> None:
    assert plan_to_json(plan_of("How many documents added in 2024-13 mention escrow?"))["filters"] == {}


def test_every_mention_in_a_window_is_quoted_where_mentions_are_counted() -> None:
    text = "".join(f"Escrow number {n} stands. " for n in range(40))

    assert len(quotes(plan_of("How often is escrow mentioned?"), text)) == 40
    assert len(quotes(plan_of("How many documents mention escrow?"), text)) == 5


def test_every_labelled_value_is_read_where_names_are_told_apart() -> None:
    (atom,) = plan_of("How many different suppliers do the contracts name?").atoms
    text = "".join(f"Supplier: Number {n}\n" for n in range(12))
    reply = LexicalLanguageModel().read_windows(ReadRequest((atom,), (WindowText("w", "", text),)))

    assert len(reply.readings["w"][atom.name].values) == 12


def test_keywords_are_the_words_that_stand_most_often_each_with_its_sentence() -> None:
    (atom,) = plan_of("What are the main themes of the tickets?").atoms
    text = "The login fails. Logins fail at night. The printer jams. A login is needed. 12 12 12 of of of."
    reply = LexicalLanguageModel().read_windows(ReadRequest((atom,), (WindowText("w", "", text),)))

    values = reply.readings["w"][atom.name].values
    assert [value.value for value in values][:2] == ["login", "fails"]
    assert len(values) <= MOST_KEYWORDS
    assert all(value.quote in text for value in values)
    assert values[0].quote == "The login fails."


def test_documents_that_label_keywords_themselves_are_taken_at_their_word() -> None:
    (atom,) = plan_of("What are the main themes of the tickets?").atoms
    text = "Keyword: access\nThe login fails. The login fails."
    reply = LexicalLanguageModel().read_windows(ReadRequest((atom,), (WindowText("w", "", text),)))

    assert [value.value for value in reply.readings["w"][atom.name].values] == ["access"]


def quotes(plan: Plan, text: str) -> tuple[str, ...]:
    (atom,) = plan.atoms
    reply = LexicalLanguageModel().read_windows(ReadRequest((atom,), (WindowText("w", "", text),)))
    return reply.readings["w"][atom.name].quotes
