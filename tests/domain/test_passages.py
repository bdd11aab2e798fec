"""Passages: nothing lost, nothing too long, cut where a reader would cut."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from census.domain.extracted_text import ExtractedText, Heading
from census.domain.passages import Passage, split_passages
from census.domain.tokens import estimate_tokens
from tests.domain.documents import documents, prose
from tests.growth import grows_linearly


def split(extracted: ExtractedText) -> list[Passage]:
    return split_passages(extracted, target_tokens=30, max_tokens=45, overlap_tokens=8)


def plain(text: str, *headings: Heading) -> ExtractedText:
    return ExtractedText(text, None, (), headings, "text/plain")


@given(documents())
def test_a_passage_is_exactly_its_span_of_the_text(extracted: ExtractedText) -> None:
    for passage in split(extracted):
        assert extracted.text[passage.char_start : passage.char_end] == passage.text == passage.text.strip()
        assert passage.text


@given(documents())
def test_only_white_space_lies_outside_of_passages(extracted: ExtractedText) -> None:
    covered = 0
    for passage in split(extracted):
        assert not extracted.text[covered : passage.char_start].strip()
        covered = max(covered, passage.char_end)
    assert not extracted.text[covered:].strip()


@given(documents())
def test_no_passage_exceeds_the_maximum_and_each_knows_its_tokens(extracted: ExtractedText) -> None:
    for passage in split(extracted):
        assert passage.tokens == estimate_tokens(passage.text) <= 45


@given(documents())
def test_passages_are_numbered_and_each_goes_beyond_the_one_before(extracted: ExtractedText) -> None:
    passages = split(extracted)
    assert [passage.ordinal for passage in passages] == list(range(len(passages)))
    for before, after in pairwise(passages):
        assert before.char_start < after.char_start
        assert before.char_end < after.char_end


@given(documents())
def test_an_overlap_is_at_most_what_was_asked_for(extracted: ExtractedText) -> None:
    for before, after in pairwise(split(extracted)):
        assert estimate_tokens(extracted.text[after.char_start : before.char_end]) <= 8


@given(documents())
def test_a_passage_knows_its_page_and_headings(extracted: ExtractedText) -> None:
    for passage in split(extracted):
        assert passage.page == extracted.page_at(passage.char_start)
        assert passage.headings == extracted.heading_path_at(passage.char_start)


@given(st.integers(8, 60), st.integers(0, 60), st.integers(0, 30), documents(most_pieces=15))
def test_any_sensible_sizes_work(target: int, more: int, overlap: int, extracted: ExtractedText) -> None:
    overlap = min(overlap, target // 2)
    passages = split_passages(
        extracted, target_tokens=target, max_tokens=target + more, overlap_tokens=overlap
    )
    assert all(passage.tokens <= target + more for passage in passages)


@pytest.mark.parametrize("text", ["", " ", "\n\n \t\n"])
def test_white_space_gives_no_passage(text: str) -> None:
    assert split(plain(text)) == []


def test_a_short_document_is_one_passage() -> None:
    assert [passage.text for passage in split(plain("  One sentence.  "))] == ["One sentence."]


def test_whole_paragraphs_stay_whole_and_do_not_overlap() -> None:
    passages = split_passages(prose(40), target_tokens=100, max_tokens=150, overlap_tokens=20)
    assert all(passage.text.startswith("Sentence 0 of") for passage in passages)
    assert all(passage.text.endswith("agree on it.") for passage in passages)
    assert all(before.char_end < after.char_start for before, after in pairwise(passages))


def test_a_long_paragraph_is_cut_between_sentences_and_repeats_whole_ones() -> None:
    text = " ".join(f"Clause {number} binds both of the parties." for number in range(60))
    passages = split_passages(plain(text), target_tokens=60, max_tokens=80, overlap_tokens=20)
    assert len(passages) > 3
    assert all(
        passage.text.startswith("Clause") and passage.text.endswith("parties.") for passage in passages
    )
    assert all(after.char_start < before.char_end for before, after in pairwise(passages))


def test_a_heading_starts_a_passage_and_names_it() -> None:
    body = "The parties agree on everything that is written here and on nothing else. " * 2
    text = f"{body}\n7. LIABILITY\n{body}"
    place = text.index("7. LIABILITY")
    passages = split(plain(text, Heading(place, 2, "7. LIABILITY")))
    assert place in [passage.char_start for passage in passages]
    assert passages[-1].headings == ("7. LIABILITY",)


def test_text_without_white_space_is_cut_all_the_same() -> None:
    passages = split(plain("x" * 5_000))
    assert passages[0].char_start == 0
    assert passages[-1].char_end == 5_000


def test_a_sentence_that_runs_over_a_page_break_is_not_taken_for_a_paragraph_end() -> None:
    first, second = "It was agreed that the buyer of all the goods " * 3, "shall pay for them in time. " * 4
    text = f"{first.strip()}\n\n{second}"
    paged = ExtractedText(text, None, (0, len(first) + 1), (), "application/pdf")
    passages = split_passages(paged, target_tokens=36, max_tokens=50, overlap_tokens=6)
    assert passages[0].char_end != len(first.strip())


def test_sizes_that_contradict_each_other_are_refused() -> None:
    with pytest.raises(ValueError, match="overlap_tokens"):
        split_passages(plain("text"), target_tokens=100, max_tokens=50)


@pytest.mark.parametrize("unit", ["A sentence of words stands here. ", "word\n\n", "x", "双方。", " \n", "é́"])
def test_splitting_takes_linear_time(unit: str) -> None:
    assert grows_linearly(lambda size: split_passages(plain(unit * (size // len(unit)))))
