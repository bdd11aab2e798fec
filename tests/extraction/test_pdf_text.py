"""PDF, by both readers: pages in place, hyphens settled, typed errors."""

import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from reportlab.pdfgen.canvas import Canvas

from census.adapters.extraction.pdf_pages import join_pages
from census.domain.extraction_errors import ExtractionCode, ExtractionError
from tests.extraction.files import extract_here, pdf, raw_pdf, scanned_pdf

BOTH = pytest.mark.parametrize("use_fallback", [False, True], ids=["pdfium", "pypdf"])
TWO_PAGES = [["First page, line one.", "Line two."], ["Second page."]]


@BOTH
def test_pages_are_joined_and_start_where_they_are_said_to(tmp_path: Path, use_fallback: bool) -> None:
    data = pdf(TWO_PAGES, title="Two pages")
    extracted = extract_here(tmp_path, data, "a.pdf", use_fallback=use_fallback)
    assert extracted.text == "First page, line one.\nLine two.\n\nSecond page."
    assert extracted.page_starts == (0, extracted.text.index("Second"))
    assert extracted.page_at(extracted.text.index("Line two")) == 1
    assert extracted.page_at(len(extracted.text)) == 2
    assert (extracted.title, extracted.media_type, extracted.warnings) == ("Two pages", "application/pdf", ())


@BOTH
def test_a_password_is_asked_for(tmp_path: Path, use_fallback: bool) -> None:
    with pytest.raises(ExtractionError, match="password") as caught:
        extract_here(tmp_path, pdf(TWO_PAGES, password="secret"), "a.pdf", use_fallback=use_fallback)
    assert caught.value.code is ExtractionCode.ENCRYPTED


@BOTH
def test_a_file_that_anybody_may_open_but_not_change_is_read(tmp_path: Path, use_fallback: bool) -> None:
    data = pdf(TWO_PAGES, password="")
    assert "Second page." in extract_here(tmp_path, data, "a.pdf", use_fallback=use_fallback).text


@BOTH
def test_a_scan_without_text_says_that_ocr_is_not_included(tmp_path: Path, use_fallback: bool) -> None:
    with pytest.raises(ExtractionError, match="OCR is not included") as caught:
        extract_here(tmp_path, scanned_pdf(), "a.pdf", use_fallback=use_fallback)
    assert caught.value.code is ExtractionCode.NO_TEXT


@BOTH
@pytest.mark.parametrize(
    "data", [b"%PDF-1.7\n", b"%PDF-1.7\n" + bytes(range(256)) * 20, pdf(TWO_PAGES)[:300]], ids=str
)
def test_a_damaged_file_is_corrupt(tmp_path: Path, data: bytes, use_fallback: bool) -> None:
    with pytest.raises(ExtractionError, match="damaged|no page") as caught:  # noqa: RUF043
        extract_here(tmp_path, data, "a.pdf", use_fallback=use_fallback)
    assert caught.value.code is ExtractionCode.CORRUPT


@BOTH
def test_a_page_tree_that_loops_ends(tmp_path: Path, use_fallback: bool) -> None:
    looping = raw_pdf(b"", b"/FlateDecode", kids=b"2 0 R")
    with pytest.raises(ExtractionError):
        extract_here(tmp_path, looping, "a.pdf", use_fallback=use_fallback)


def test_a_page_without_text_among_others_is_reported(tmp_path: Path) -> None:
    extracted = extract_here(tmp_path, pdf([["Words."], []]), "a.pdf")
    assert extracted.page_starts == (0, 8)
    assert extracted.warnings == ("1 of 2 pages hold no text (images? OCR is not included).",)


def test_more_text_than_allowed_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ExtractionError, match="characters of text") as caught:
        extract_here(tmp_path, pdf([["word " * 2000] * 50] * 3), "a.pdf")
    assert caught.value.code is ExtractionCode.TOO_LARGE


@pytest.mark.parametrize("mark", ["\ufffe", "\x02", "\xad"])
def test_a_hyphen_that_the_document_spells_stays(mark: str) -> None:
    assert join_pages([f"a non{mark}exclusive right"], None).text == "a non-exclusive right"


def test_a_word_that_the_document_spells_in_one_piece_is_joined() -> None:
    pages = ["the agree\ufffement of the parties", "this Agreement is final"]
    assert join_pages(pages, None).text.startswith("the agreement of")


def test_an_unknown_word_is_treated_as_most_of_the_document_is() -> None:
    page = "agree\ufffement par\ufffeties obli\ufffegation. Agreement, parties."
    assert join_pages([page], None).text == "agreement parties obligation. Agreement, parties."


def test_half_a_broken_word_is_no_evidence_for_a_word() -> None:
    """“national” stands here only at the end of “inter-national”, so nothing says how to spell it."""
    page = "inter\ufffenational and nat\ufffeional and non\ufffeexclusive, non-exclusive, non-exclusive"
    assert join_pages([page], None).text.startswith("inter-national and nat-ional and non-exclusive")


def test_a_word_broken_twice_keeps_both_hyphens() -> None:
    assert join_pages(["state\ufffeof\ufffetheart"], None).text == "state-of-theart"


def test_a_mark_at_a_line_end_goes_with_the_line_break() -> None:
    assert join_pages(["inter\x02\r\nnational, international"], None).text == "international, international"


def test_pages_that_could_not_be_read_are_named() -> None:
    extracted = join_pages(["one", None, "three"], None)
    assert extracted.warnings == ("Pages that could not be read: 2.",)
    assert extracted.page_starts == (0, 5, 7)


@given(st.lists(st.text(max_size=60), min_size=1, max_size=6))
def test_every_page_starts_where_it_is_said_to(pages: list[str]) -> None:
    try:
        extracted = join_pages(pages, None)
    except ExtractionError:
        return
    ends = [*(start - 2 for start in extracted.page_starts[1:]), len(extracted.text)]
    parts = [extracted.text[start:end] for start, end in zip(extracted.page_starts, ends, strict=True)]
    assert "\n\n".join(parts) == extracted.text
    assert len(parts) == len(pages)


@BOTH
def test_two_columns_are_read_one_after_the_other(tmp_path: Path, use_fallback: bool) -> None:
    out = io.BytesIO()
    canvas = Canvas(out, invariant=1)
    for column, left in (("left", 72), ("right", 330)):
        for number in range(3):
            canvas.drawString(left, 700 - 14 * number, f"{column} {number} é ü ß")
    canvas.save()
    found = extract_here(tmp_path, out.getvalue(), "a.pdf", use_fallback=use_fallback)
    assert found.text.split("\n") == [f"{side} {n} é ü ß" for side in ("left", "right") for n in range(3)]
