"""Extraction in a limited child: whatever the file does, the end is a text or a typed error."""

import gc
import json
import os
import random
import signal
import sys
import time
import tracemalloc
from email.message import EmailMessage
from pathlib import Path

import pytest

from census.adapters.subprocess_text_extractor import (
    ExtractionLimits,
    SubprocessTextExtractor,
    child_environment,
)
from census.adapters.warm_readers import WarmReaders
from census.domain.extraction_errors import ExtractionCode, ExtractionError
from census.ports.text_extractor import TextExtractor
from tests.extraction.bomb_parts import cell
from tests.extraction.files import bomb_pdf, extract_here, pdf, scanned_pdf
from tests.extraction.packages import word, workbook
from tests.extraction.processes import children

MB = 1024 * 1024


def refusal(extractor: TextExtractor, data: bytes, filename: str = "a.pdf") -> ExtractionError:
    with pytest.raises(ExtractionError) as caught:
        extractor.extract(data, filename)
    return caught.value


def test_bytes_and_a_path_give_the_same_text(tmp_path: Path) -> None:
    data = pdf([["Page one"], ["Page two"]])
    (tmp_path / "upload").write_bytes(data)
    extractor: TextExtractor = SubprocessTextExtractor()
    from_path = extractor.extract(tmp_path / "upload", "a.pdf", "application/pdf")
    assert from_path == extractor.extract(data, "a.pdf")
    assert (from_path.text, from_path.page_starts) == ("Page one\n\nPage two", (0, 10))


def test_a_wrong_declaration_is_reported_with_the_text() -> None:
    extracted = SubprocessTextExtractor().extract(b"<html><p>Hi", "a.pdf", "application/pdf")
    assert extracted.text == "Hi"
    assert extracted.warnings == ("'a.pdf' was declared to be PDF but holds HTML; it was read as that.",)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty_file"),
        (b"\x89PNG\r\n\x1a\n...", "unsupported_type"),
        (pdf([["secret"]], password="s"), "encrypted"),
        (b"%PDF-1.7 nothing", "corrupt"),
        (scanned_pdf(), "no_text"),
    ],
    ids=["empty", "image", "encrypted", "corrupt", "scan"],
)
def test_a_file_that_cannot_be_read_has_a_code_and_a_sentence(data: bytes, code: str) -> None:
    error = refusal(SubprocessTextExtractor(), data)
    assert error.code == code
    assert error.message.endswith(".")
    assert not error.retryable


def test_a_bomb_ends_in_its_limits_without_growing_the_parent() -> None:
    data = bomb_pdf(400)
    assert len(data) < 5_000
    extractor = SubprocessTextExtractor(ExtractionLimits(memory_bytes=256 * MB, wall_seconds=100))
    tracemalloc.start()
    error = refusal(extractor, data)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert error.code in (ExtractionCode.TOO_LARGE, ExtractionCode.OUT_OF_MEMORY), "and not by the clock"
    assert peak < 20 * MB


CORNERS = workbook({"S": cell("A1") + cell("XFD1048576")})
"""calamine aborts where it gets no memory for all the cells between; the streaming reader needs none."""


def test_a_reader_that_dies_is_followed_by_the_second_one(tmp_path: Path) -> None:
    readers = WarmReaders(child_environment)
    (tmp_path / "upload").write_bytes(CORNERS)
    request = SubprocessTextExtractor()._request(tmp_path / "upload", "a.xlsx", None)
    end = readers.run(json.dumps(request).encode(), deadline=time.monotonic() + 100, max_output=MB)
    readers.close()
    assert end.status == -signal.SIGABRT
    assert SubprocessTextExtractor().extract(CORNERS, "a.xlsx").text.startswith("S\n\n1\n")


def test_a_reader_that_dies_on_an_attachment_is_followed_by_the_second_one() -> None:
    mail = EmailMessage()
    mail["Subject"] = "A bomb"
    mail.set_content("The body.")
    mail.add_attachment(CORNERS, maintype="application", subtype="octet-stream", filename="a.xlsx")
    text = SubprocessTextExtractor().extract(mail.as_bytes(), "a.eml").text
    assert text.startswith("Subject: A bomb\n\nThe body.\n\nAttachment: a.xlsx\n\nS\n\n1\n")


def test_a_format_with_one_reader_is_not_tried_twice(tmp_path: Path) -> None:
    with pytest.raises(ExtractionError, match="no second reader"):
        extract_here(tmp_path, word("<w:p/>"), "a.docx", use_fallback=True)


def test_an_endless_file_is_ended_by_the_clock() -> None:
    slow = SubprocessTextExtractor(ExtractionLimits(wall_seconds=0.02))
    error = refusal(slow, pdf([["text"]]))
    assert error.code is ExtractionCode.TIMED_OUT
    assert "0.02 seconds" in error.message


def test_a_file_that_burns_the_processor_is_ended_by_its_cpu_limit() -> None:
    extractor = SubprocessTextExtractor(ExtractionLimits(cpu_seconds=1, wall_seconds=600))
    markup = b"<html>" + b"<p>short <b>words</b> in many small elements" * 200_000
    assert refusal(extractor, markup, "a.html").code is ExtractionCode.TIMED_OUT


def test_text_beyond_the_limit_is_refused() -> None:
    small = SubprocessTextExtractor(ExtractionLimits(max_chars=1_000))
    assert refusal(small, b"word " * 500, "a.txt").code is ExtractionCode.TOO_LARGE


def test_a_file_that_is_large_but_within_the_limits_is_read() -> None:
    text = "Ein Wort für sich. " * 500_000
    assert SubprocessTextExtractor().extract(text.encode(), "a.txt").text == text


def test_too_little_memory_is_no_crash_of_ours() -> None:
    starved = SubprocessTextExtractor(ExtractionLimits(memory_bytes=30 * MB))
    assert refusal(starved, b"words " * 1_500_000, "a.txt").code in (
        ExtractionCode.OUT_OF_MEMORY,
        ExtractionCode.PARSER_CRASHED,
    )


def test_no_process_and_no_file_stay_behind() -> None:
    gc.collect()  # extractors that earlier tests let go of
    opened, started = set(os.listdir("/proc/self/fd")), children()
    patient, slow = SubprocessTextExtractor(), SubprocessTextExtractor(ExtractionLimits(wall_seconds=0.02))
    patient.extract(b"text", "a.txt")
    refusal(slow, pdf([["text"]]))
    patient.close()
    slow.close()
    assert children() == started
    assert set(os.listdir("/proc/self/fd")) == opened


def test_packages_are_found_where_the_parent_finds_them(tmp_path: Path) -> None:
    """A folder that only the parent's `sys.path` names, as /opt/python in a function."""
    (tmp_path / "charset_normalizer.py").write_text("raise RuntimeError('the shadow was imported')")
    sys.path.insert(0, str(tmp_path))
    try:
        error = refusal(SubprocessTextExtractor(), "Größe".encode("latin-1") * 50, "a.txt")
    finally:
        sys.path.remove(str(tmp_path))
    assert error.code is ExtractionCode.PARSER_CRASHED
    assert "RuntimeError" in error.message


@pytest.mark.parametrize("seed", range(12))
def test_mutated_files_end_in_a_text_or_a_typed_error(seed: int) -> None:
    chance = random.Random(seed)
    data = bytearray(pdf([["Some words on a page"] * 20] * 3, title="Title"))
    for _ in range(chance.randrange(1, 60)):
        data[chance.randrange(len(data))] = chance.randrange(256)
    if seed % 3 == 0:
        del data[chance.randrange(len(data)) :]
    try:
        assert SubprocessTextExtractor().extract(bytes(data), "a.pdf").text.strip()
    except ExtractionError as error:
        assert error.message  # noqa: PT017 - either end is right
