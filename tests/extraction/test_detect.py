"""The type of a file is what its content says."""

import gzip
from contextlib import suppress
from zipfile import ZIP_STORED

import pytest
from hypothesis import given
from hypothesis import strategies as st

from census.adapters.extraction.detect import Detected
from census.adapters.extraction.detect import detect as detect_file
from census.adapters.extraction.source_file import SourceFile
from census.domain.extraction_errors import ExtractionCode, ExtractionError
from tests.extraction.packages import ole, zipped


def detect(data: bytes, filename: str, declared_type: str | None) -> Detected:
    return detect_file(SourceFile(data, filename, declared_type, 1_000_000))


@pytest.mark.parametrize(
    ("head", "filename", "media_type"),
    [
        (b"%PDF-1.7\n...", "a.pdf", "application/pdf"),
        (b"\n\n%PDF-1.4 after some junk", "a", "application/pdf"),
        (b"<!DOCTYPE html><html>", "a", "text/html"),
        (b"\xef\xbb\xbf  <!-- saved -->\n<HTML lang=en>", "a", "text/html"),
        (b'<?xml version="1.0"?>\n<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0">', "a.xhtml", "text/html"),
        ("<html><p>x".encode("utf-16"), "a", "text/html"),
        (b"some text with a <br> in it", "a.html", "text/html"),
        (b"# Title\n\ntext", "notes.md", "text/markdown"),
        (b"# Title\n\ntext", "notes", "text/plain"),
        (b"<div>raw HTML starts many a Markdown file</div>\n\n# Title", "README.md", "text/markdown"),
        (b"just words", "a.txt", "text/plain"),
        ("nur Wörter".encode("latin-1"), "a.txt", "text/plain"),
        ("ohne Marke".encode("utf-16-le"), "a.txt", "text/plain"),
        (b"a,b\n1,2\n", "table.csv", "text/csv"),
        (b"a\tb\n1\t2\n", "table.tsv", "text/csv"),
        (b"a,b\n1,2\n", "table", "text/plain"),
        (b'{"a": 1}', "a.json", "application/json"),
        (b'{"a": 1}\n{"a": 2}', "a.jsonl", "application/x-ndjson"),
        (b"{\\rtf1 hello}", "a.rtf", "application/rtf"),
        (b"From: a@b.org\nSubject: Hi\n\nText", "a.eml", "message/rfc822"),
        (b"Received: from x\n by y\nFrom: a@b.org\n\nText", "noname", "message/rfc822"),
        (b"From: a memo\nSubject: Hi\n\nText", "memo.txt", "text/plain"),
        (b"Plain: no\n\nDate: never\n", "noname", "text/plain"),
    ],
)
def test_a_file_that_is_read(head: bytes, filename: str, media_type: str) -> None:
    detected = detect(head, filename, None)
    assert detected.media_type == media_type
    assert detected.warning is None


@pytest.mark.parametrize(
    ("head", "filename", "content_type", "warning"),
    [
        (b"plain words", "report.pdf", None, "'report.pdf' was declared to be PDF but holds plain text"),
        (b"%PDF-1.4", "page.html", "text/html", "was declared to be HTML but holds PDF"),
        (b"<html>", "a", "application/pdf", "was declared to be PDF but holds HTML"),
        (b"no tags at all", "a.html", None, "was declared to be HTML but holds plain text"),
    ],
)
def test_a_declaration_that_differs_from_the_content_is_reported(
    head: bytes, filename: str, content_type: str | None, warning: str
) -> None:
    assert warning in (detect(head, filename, content_type).warning or "")


def test_a_browser_that_calls_markdown_plain_text_is_not_contradicted() -> None:
    assert detect(b"# Hi", "notes.md", "text/plain; charset=utf-8").media_type == "text/markdown"


@pytest.mark.parametrize(
    ("head", "what"),
    [
        (zipped({"photo.bin": b"..."}), "an archive"),
        (zipped({"mimetype": b"application/epub+zip"}, method=ZIP_STORED), "an EPUB book"),
        (zipped({"mimetype": b"application/vnd.oasis"}, method=ZIP_STORED), "an OpenDocument file"),
        (zipped({"[Content_Types].xml": b"<Types/>"}), "an office file of a kind that is not read"),
        (b"\x89PNG\r\n\x1a\n....", "would need OCR"),
        (b"\xff\xd8\xff\xe0....", "would need OCR"),
        (ole("WordDocument"), "an old Word document"),
        (ole("Workbook"), "an old Excel workbook"),
        (ole("PowerPoint Document"), "an old PowerPoint presentation"),
        (ole("__properties_version1.0"), "an Outlook message"),
        (ole(""), "an old Office document"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1....", "an old Office document"),
        (gzip.compress(b"text", mtime=0), "an archive"),
        (b"\x7fELF\x02\x01\x01", "a program"),
        (bytes(range(256)) * 4, "a binary format"),
        (b"text and then\x00\x00\x01\x02\x03" * 10, "a binary format"),
    ],
)
def test_a_file_that_is_not_read_is_named(head: bytes, what: str) -> None:
    with pytest.raises(ExtractionError, match=what) as caught:
        detect(head, "upload.txt", "text/plain")
    assert caught.value.code is ExtractionCode.UNSUPPORTED_TYPE
    assert "Supported are PDF, Word" in caught.value.message


def test_an_empty_file_is_refused() -> None:
    with pytest.raises(ExtractionError, match="empty") as caught:
        detect(b"", "a.pdf", None)
    assert caught.value.code is ExtractionCode.EMPTY_FILE


@given(st.binary(max_size=3000), st.text(max_size=20), st.none() | st.text(max_size=20))
def test_any_bytes_are_either_a_type_or_a_typed_error(
    head: bytes, filename: str, declared: str | None
) -> None:
    with suppress(ExtractionError):
        assert detect(head, filename, declared).media_type.startswith(("text/", "application/", "message/"))
