"""Windows: all of the document, bounded, overlapping enough that no clause falls between two of them."""

import json
import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from census.domain.extracted_text import ExtractedText, Heading
from census.domain.tokens import estimate_tokens
from census.domain.windows import OVERLAP_WORDS, Window, cut_windows, from_json, to_json
from tests.domain.documents import documents, prose
from tests.growth import grows_linearly


def cut(extracted: ExtractedText) -> list[Window]:
    return cut_windows(extracted, max_tokens=80, overlap_tokens=10)


@given(documents())
def test_every_character_is_in_a_window(extracted: ExtractedText) -> None:
    windows = cut(extracted)
    assert windows[0].char_start == 0
    assert windows[-1].char_end == len(extracted.text)
    assert all(after.char_start <= before.char_end for before, after in pairwise(windows))


@given(documents())
def test_no_window_exceeds_the_maximum_and_each_knows_its_tokens(extracted: ExtractedText) -> None:
    for window in cut(extracted):
        assert window.tokens == estimate_tokens(extracted.text[window.char_start : window.char_end]) <= 80


@given(documents())
def test_windows_are_numbered_and_each_goes_beyond_the_one_before(extracted: ExtractedText) -> None:
    windows = cut(extracted)
    assert [window.number for window in windows] == list(range(len(windows)))
    for before, after in pairwise(windows):
        assert before.char_start < after.char_start
        assert before.char_end < after.char_end


@given(documents())
def test_neighbours_share_the_overlap_but_never_more_than_half_a_window(extracted: ExtractedText) -> None:
    for before, after in pairwise(cut(extracted)):
        shared = estimate_tokens(extracted.text[after.char_start : before.char_end])
        assert shared <= 40
        assert shared >= 10 - 2, "a heavy character at the seam may take two"


@given(documents())
def test_the_same_text_gives_the_same_windows(extracted: ExtractedText) -> None:
    assert cut(extracted) == cut(extracted)


@given(documents())
def test_windows_survive_json(extracted: ExtractedText) -> None:
    windows = cut(extracted)
    assert from_json(json.loads(json.dumps(to_json(windows)))) == windows


WORDS = st.sampled_from(
    ["a", "the", "Agreement", "shall", "terminate.", "1,200", "(b)", "Müller;", "\n\nNow", "\n"]
)


@given(st.lists(WORDS, min_size=200, max_size=900), st.data())
def test_any_run_of_sixty_words_lies_whole_in_a_window(words: list[str], data: st.DataObject) -> None:
    text = " ".join(words)
    windows = cut_windows(ExtractedText(text, None, (), (), "text/plain"), max_tokens=500, overlap_tokens=30)
    places = [match.span() for match in re.finditer(r"\S+", text)]
    first = data.draw(st.integers(0, len(places) - 1))
    last = min(first + OVERLAP_WORDS, len(places)) - 1
    start, end = places[first][0], places[last][1]
    assert any(window.char_start <= start and end <= window.char_end for window in windows)


def test_a_document_that_fits_is_one_window() -> None:
    extracted = prose(10)
    assert cut_windows(extracted) == [Window(0, 0, len(extracted.text), estimate_tokens(extracted.text), "")]


def test_an_empty_document_is_one_empty_window() -> None:
    assert cut_windows(ExtractedText("", None, (), (), "text/plain")) == [Window(0, 0, 0, 0, "")]


def test_a_window_ends_before_a_heading_rather_than_after_its_first_lines() -> None:
    extracted = prose(200)
    place = extracted.text.index("Sentence 0 of paragraph 85")
    headed = ExtractedText(extracted.text, None, (), (Heading(place, 1, "Part two"),), "text/plain")
    windows = cut_windows(headed, max_tokens=5000, overlap_tokens=300)
    assert windows[0].char_end == place
    assert windows[1].heading == ""
    assert headed.heading_path_at(windows[1].char_end) == ("Part two",)


def test_a_window_starts_and_ends_between_sentences() -> None:
    extracted = prose(400)
    windows = cut_windows(extracted, max_tokens=1000, overlap_tokens=80)
    assert len(windows) > 5
    for window in windows:
        part = extracted.text[window.char_start : window.char_end]
        assert part.startswith("Sentence")
        assert part.rstrip().endswith("agree on it.")


def test_text_without_white_space_is_cut_all_the_same() -> None:
    extracted = ExtractedText("y" * 40_000, None, (), (), "text/plain")
    windows = cut_windows(extracted, max_tokens=500, overlap_tokens=50)
    assert len(windows) > 5
    assert windows[-1].char_end == 40_000


def test_sizes_that_contradict_each_other_are_refused() -> None:
    with pytest.raises(ValueError, match="overlap_tokens"):
        cut_windows(prose(1), max_tokens=100, overlap_tokens=50)


@pytest.mark.parametrize("unit", ["A sentence of words stands here. ", "word\n\n", "x", "双方。", " \n", "é́"])
def test_cutting_takes_linear_time(unit: str) -> None:
    def cut(size: int) -> None:
        cut_windows(ExtractedText(unit * (size // len(unit)), None, (), (), "text/plain"))

    assert grows_linearly(cut)
