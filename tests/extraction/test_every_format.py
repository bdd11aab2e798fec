"""What holds for the text of every format, and what happens to pages that are pictures."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from census.adapters.extraction.formats import FORMATS, load
from census.adapters.subprocess_text_extractor import ExtractionLimits, SubprocessTextExtractor
from census.domain.extracted_text import ExtractedText
from census.domain.extraction_errors import ExtractionCode, ExtractionError
from census.domain.passages import split_passages
from tests.chaos.seeds import seeds
from tests.extraction.files import extract_here, scanned_pdf

SEEDS = seeds()
EACH = pytest.mark.parametrize("filename", sorted(SEEDS))


def test_there_is_a_sample_of_every_format() -> None:
    suffixes = {f".{name.rpartition('.')[2]}" for name in SEEDS}
    assert all(suffixes & set(each.extensions) for each in FORMATS)


@pytest.mark.parametrize("module", sorted({each.module for each in FORMATS}))
def test_every_format_has_its_reader(module: str) -> None:
    assert callable(load(module))


@EACH
def test_the_child_gives_the_very_text(filename: str, tmp_path: Path) -> None:
    assert SubprocessTextExtractor().extract(SEEDS[filename], filename) == extract_here(
        tmp_path, SEEDS[filename], filename
    )


@EACH
def test_headings_stand_where_they_are_said_to(filename: str, tmp_path: Path) -> None:
    found = extract_here(tmp_path, SEEDS[filename], filename)
    for heading in found.headings:
        line = found.text[heading.offset :].split("\n", 1)[0]
        assert heading.text.split()[0] in line


@EACH
def test_a_passage_is_the_text_between_its_offsets(filename: str, tmp_path: Path) -> None:
    found = extract_here(tmp_path, SEEDS[filename], filename)
    for passage in split_passages(found, target_tokens=30, max_tokens=60, overlap_tokens=5):
        assert passage.text == found.text[passage.char_start : passage.char_end]
        assert (passage.page is None) == (not found.page_starts)


@EACH
def test_a_name_and_a_type_that_lie_change_nothing_for_a_binary(filename: str, tmp_path: Path) -> None:
    if not SEEDS[filename].startswith((b"PK", b"%PDF", b"{\\rtf")):
        return
    found = extract_here(tmp_path, SEEDS[filename], "a.txt", "text/plain")
    assert found.text == extract_here(tmp_path, SEEDS[filename], filename).text
    assert "was declared to be plain text" in found.warnings[0]


@EACH
def test_text_beyond_the_limit_is_refused(filename: str) -> None:
    small = SubprocessTextExtractor(ExtractionLimits(max_chars=10))
    with pytest.raises(ExtractionError) as caught:
        small.extract(SEEDS[filename], filename)
    assert caught.value.code is ExtractionCode.TOO_LARGE


class Reader:
    """A TextRecognizer that knows what the pages say."""

    def __init__(self, *pages: str) -> None:
        self.pages = pages
        self.asked: list[bytes] = []

    def recognize_pages(self, pdf: Path, *, seconds: float) -> Sequence[str]:
        assert 0 < seconds <= 20
        self.asked.append(pdf.read_bytes())
        return self.pages


def test_a_scan_without_a_recognizer_says_that_ocr_is_not_included() -> None:
    with pytest.raises(ExtractionError, match="OCR is not included") as caught:
        SubprocessTextExtractor().extract(scanned_pdf(), "a.pdf")
    assert caught.value.code is ExtractionCode.NO_TEXT


def test_a_scan_is_given_to_the_recognizer() -> None:
    reader = Reader("Page one", "Page two")
    found = SubprocessTextExtractor(recognizer=reader).extract(scanned_pdf(), "a.pdf")
    assert found == ExtractedText("Page one\n\nPage two", None, (0, 10), (), "application/pdf")
    assert reader.asked == [scanned_pdf()]


def test_a_recognizer_that_finds_nothing_changes_nothing() -> None:
    with pytest.raises(ExtractionError) as caught:
        SubprocessTextExtractor(recognizer=Reader("", "")).extract(scanned_pdf(), "a.pdf")
    assert caught.value.code is ExtractionCode.NO_TEXT


@pytest.mark.parametrize("filename", ["a.txt", "a.pdf"])
def test_a_recognizer_is_asked_for_nothing_else(filename: str) -> None:
    reader = Reader("unwanted")
    extractor = SubprocessTextExtractor(recognizer=reader)
    assert extractor.extract(SEEDS[filename], filename).text
    with pytest.raises(ExtractionError):
        extractor.extract(b"   ", "a.txt")
    assert reader.asked == []
