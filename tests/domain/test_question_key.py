"""The same question is one question, however it is typed; in another place it may be another."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from census.domain.question_key import normalised, question_key
from tests.engine.plans import count

QUESTION = "How many contracts restrict assignment?"


@pytest.mark.parametrize(
    "typed",
    [
        "how many contracts restrict assignment",
        "  How many\n contracts   restrict assignment ?  ",
        "HOW MANY CONTRACTS RESTRICT ASSIGNMENT?!",
        "\uff28ow many contracts restrict assignment?",
    ],
)
def test_what_means_nothing_makes_no_difference(typed: str) -> None:
    assert question_key(typed, (), "m") == question_key(QUESTION, (), "m")


@pytest.mark.parametrize(
    "other", ["How many contracts restrict assignments?", "Which contracts restrict assignment?", ""]
)
def test_other_words_are_another_question(other: str) -> None:
    assert question_key(other, (), "m") != question_key(QUESTION, (), "m")


def test_in_quotation_marks_case_may_be_meant() -> None:
    assert normalised('Which mention "MFN"?') != normalised('Which mention "mfn"?')


def test_what_was_asked_before_and_who_plans_belong_to_the_question() -> None:
    alone = question_key("And by year?", (), "m")
    assert len({alone, question_key("And by year?", [count("audit")], "m")}) == 2
    assert question_key("And by year?", [count("audit")], "m") != question_key(
        "And by year?", [count("liability")], "m"
    )
    assert question_key("And by year?", (), "another") != alone


@given(st.text(st.characters(codec="latin-1")))
def test_what_is_normal_stays(text: str) -> None:
    assert normalised(normalised(text)) == normalised(text)
