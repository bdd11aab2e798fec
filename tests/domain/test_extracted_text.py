"""The extracted text: clean, and aware of its pages and headings."""

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from census.domain.extracted_text import ExtractedText, Heading, clean_text

ANY_TEXT = st.text(st.characters(codec=None))  # lone surrogates included


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("a\r\nb\rc\nd", "a\nb\nc\nd"),
        ("a\x00b\x07c\td", "abc\td"),
        ("\ufeffbegin", "begin"),
        ("page\x0cpage", "page\npage"),
        ("broken \ud83d emoji", "broken \ufffd emoji"),
        ("e\u0301 stays two characters", "e\u0301 stays two characters"),
    ],
)
def test_text_is_cleaned(raw: str, clean: str) -> None:
    assert clean_text(raw) == clean


@given(ANY_TEXT)
def test_cleaning_twice_changes_nothing(raw: str) -> None:
    assert clean_text(clean_text(raw)) == clean_text(raw)


@given(ANY_TEXT)
def test_cleaning_drops_controls_and_what_is_no_character_and_nothing_else(raw: str) -> None:
    lines = re.sub("[\r\x0b\x0c\x85\u2028\u2029]", "\n", raw.replace("\r\n", "\n"))
    storable = re.sub("[\ud800-\udfff]", "\ufffd", lines)
    gone = "[^\t\n -~\xa0-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]|[\ufdd0-\ufdef]"
    assert clean_text(raw) == re.sub(gone, "", storable)


@given(ANY_TEXT)
def test_clean_text_can_be_stored(raw: str) -> None:
    stored = clean_text(raw)
    assert stored.encode("utf-8").decode("utf-8") == stored
    assert "\x00" not in stored


PAGED = ExtractedText("one\n\ntwo\n\nthree", "T", (0, 5, 10), (), "application/pdf", ("odd",))
HEADED = ExtractedText(
    "A..B..C..D",
    None,
    (),
    (Heading(0, 1, "A"), Heading(3, 2, "B"), Heading(6, 2, "C"), Heading(9, 1, "D")),
    "text/html",
)


@pytest.mark.parametrize(("offset", "page"), [(0, 1), (4, 1), (5, 2), (9, 2), (10, 3), (14, 3)])
def test_an_offset_is_on_the_page_that_starts_at_or_before_it(offset: int, page: int) -> None:
    assert PAGED.page_at(offset) == page


def test_a_text_without_pages_has_no_page() -> None:
    assert HEADED.page_at(3) is None


@pytest.mark.parametrize(
    ("offset", "path"), [(0, ("A",)), (2, ("A",)), (4, ("A", "B")), (8, ("A", "C")), (9, ("D",))]
)
def test_an_offset_stands_under_its_headings(offset: int, path: tuple[str, ...]) -> None:
    assert HEADED.heading_path_at(offset) == path


def test_text_before_the_first_heading_stands_under_none() -> None:
    assert ExtractedText("xx A", None, (), (Heading(3, 1, "A"),), "text/plain").heading_path_at(1) == ()


@pytest.mark.parametrize("extracted", [PAGED, HEADED])
def test_extracted_text_survives_json(extracted: ExtractedText) -> None:
    assert ExtractedText.from_json(json.loads(json.dumps(extracted.to_json()))) == extracted


@pytest.mark.parametrize(
    "change",
    [
        {"text": 7},
        {"text": "a\x00b"},
        {"title": ["T"]},
        {"page_starts": [0, 99]},
        {"page_starts": [5, 0]},
        {"page_starts": ["0"]},
        {"headings": [[0, 1]]},
        {"headings": [[0, "x", "A"]]},
        {"headings": 3},
        {"warnings": [None]},
    ],
    ids=str,
)
def test_json_that_extraction_never_writes_is_refused(change: dict[str, object]) -> None:
    with pytest.raises((ValueError, TypeError, IndexError)):
        ExtractedText.from_json({**PAGED.to_json(), **change})
