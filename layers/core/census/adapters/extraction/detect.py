"""Tells the type of a file by its content; name and declared type only break ties between kinds of text."""

import re
from dataclasses import dataclass
from pathlib import PurePosixPath

from census.adapters.extraction.containers import (
    OLE_MAGIC,
    ZIP_MAGICS,
    ole_error,
    unsupported,
    zip_media_type,
)
from census.adapters.extraction.formats import FORMATS, format_of
from census.adapters.extraction.source_file import SourceFile
from census.domain.extraction_errors import ExtractionCode, ExtractionError

PDF, HTML, PLAIN, RTF = "application/pdf", "text/html", "text/plain", "application/rtf"
MAIL, CSV = "message/rfc822", "text/csv"
JSON_TYPES = ("application/json", "application/x-ndjson")

_IMAGE = "an image; text in images would need OCR, which is not included"
_ARCHIVE = "an archive; unpack it and upload the files"
_MEDIA = "audio or video"
_PROGRAM = "a program"
_MAGIC: tuple[tuple[int, bytes, str], ...] = (
    (0, b"\x89PNG\r\n\x1a\n", _IMAGE),
    (0, b"\xff\xd8\xff", _IMAGE),
    (0, b"GIF8", _IMAGE),
    (0, b"II*\x00", _IMAGE),
    (0, b"MM\x00*", _IMAGE),
    (8, b"WEBP", _IMAGE),
    (4, b"ftypheic", _IMAGE),
    (4, b"ftyp", _MEDIA),
    (8, b"WAVE", _MEDIA),
    (0, b"OggS", _MEDIA),
    (0, b"ID3", _MEDIA),
    (0, b"\x1aE\xdf\xa3", _MEDIA),
    (0, b"\x1f\x8b", _ARCHIVE),
    (0, b"7z\xbc\xaf\x27\x1c", _ARCHIVE),
    (0, b"Rar!\x1a\x07", _ARCHIVE),
    (0, b"BZh", _ARCHIVE),
    (0, b"\xfd7zXZ\x00", _ARCHIVE),
    (0, b"\x28\xb5\x2f\xfd", _ARCHIVE),
    (257, b"ustar", _ARCHIVE),
    (0, b"\x7fELF", _PROGRAM),
    (0, b"MZ\x90\x00", _PROGRAM),
    (0, b"SQLite format 3\x00", "a database"),
    (0, b"%!PS", "a PostScript file; save it as PDF"),
)
_BOMS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")
_CONTROLS = bytes(set(range(0x20)) - {0x09, 0x0A, 0x0B, 0x0C, 0x0D, 0x1B})
_MOST_CONTROLS, _MOST_CONTROLS_SHARE = 8, 0.02
_HTML_START = re.compile(
    rb"\s*(?:<\?xml[^>]*>\s*|<!--.*?-->\s*)*"
    rb"(?:<!doctype\s+html|<html[\s>]|<head[\s>]|<body[\s>]|<title[\s>]|<meta\s|<h1[\s>]|<div[\s>]|<p[\s>]|<table[\s>])",
    re.IGNORECASE | re.DOTALL,
)
_MAIL_START = re.compile(
    rb"(?:From [^\n]*\n)?(?:[!-9;-~]+:[^\n]*\n(?:[ \t][^\n]*\n)*){0,60}?"
    rb"(?:Received|Return-Path|Message-ID|MIME-Version|Delivered-To|X-Mailer|Subject|Date|From):[^\n]*\n"
    rb"(?:[ \t][^\n]*\n)*(?:[!-9;-~]+:|\r?\n)",
    re.IGNORECASE,
)
_JSON_START = re.compile(rb'[\s\xef\xbb\xbf\xff\xfe]*(?:[\[{"\d-]|true|false|null)')
_ANY_TAG = re.compile(rb"</(?:p|div|span|a|table|ul|ol|h[1-6]|b|i|em|strong|body)>|<br\s*/?>", re.IGNORECASE)


@dataclass(frozen=True)
class Detected:
    """The media type of a content, and a sentence for the user where the declaration said otherwise."""

    media_type: str
    warning: str | None = None


def detect(source: SourceFile) -> Detected:
    """Return the type of a file. Raises ExtractionError if it is not read."""
    head = source.head()
    if not head:
        raise ExtractionError(ExtractionCode.EMPTY_FILE, "The file is empty (0 bytes). Upload it again.")
    expected = announced_type(source.filename, source.declared_type)
    media_type = _container_type(source, head) or _text_type(head, expected)
    if expected is None or media_type in _alike(expected):
        return Detected(media_type)
    said = f"{source.filename!r} was declared to be {format_of(expected).label}"
    return Detected(media_type, f"{said} but holds {format_of(media_type).label}; it was read as that.")


def _container_type(source: SourceFile, head: bytes) -> str | None:
    """Return the type of a file that says by its first bytes what it is."""
    if head.startswith(ZIP_MAGICS):
        return zip_media_type(source)
    if head.startswith(OLE_MAGIC):
        raise ole_error(source)
    if head.startswith(b"{\\rtf"):
        return RTF
    return PDF if b"%PDF-" in head[:1024] and not _MAIL_START.match(head) else None


def _alike(media_type: str) -> tuple[str, ...]:
    return JSON_TYPES if media_type in JSON_TYPES else (media_type,)


def announced_type(filename: str, declared_type: str | None) -> str | None:
    """Return the supported media type that the declared type, else the name, announces; None for neither."""
    declared = (declared_type or "").split(";")[0].strip().lower()
    suffix = PurePosixPath(filename.lower()).suffix
    by_name = next((each.media_type for each in FORMATS if suffix in each.extensions), None)
    by_type = next(
        (each.media_type for each in FORMATS if declared in (each.media_type, *each.aliases)), None
    )
    # Browsers send text/plain for what they do not know, such as Markdown: the name knows more.
    return by_name if by_type in (None, PLAIN) and by_name is not None else by_type


def _text_type(head: bytes, expected: str | None) -> str:
    _refuse_known_binaries(head)
    if not head.startswith(_BOMS) and looks_binary(head):
        raise unsupported("a binary format that Census does not know")
    probe = head.removeprefix(_BOMS[0]).replace(b"\x00", b"")  # so that UTF-16 reads as ASCII here
    if _HTML_START.match(probe.removeprefix(_BOMS[1]).removeprefix(_BOMS[2])):
        return HTML if expected != "text/markdown" else expected
    if expected in (None, MAIL) and _MAIL_START.match(head):
        return MAIL
    return expected if expected is not None and _may_be(expected, probe) else PLAIN


def _may_be(expected: str, probe: bytes) -> bool:
    """Tell whether text may be of the kind that it was declared to be."""
    if expected == HTML:
        return _ANY_TAG.search(probe) is not None
    if expected in JSON_TYPES:
        return _JSON_START.match(probe) is not None
    return expected in (CSV, "text/markdown", PLAIN)


def _refuse_known_binaries(head: bytes) -> None:
    for offset, magic, what in _MAGIC:
        if head[offset : offset + len(magic)] == magic:
            raise unsupported(what)


def looks_binary(head: bytes) -> bool:
    """Tell whether `head` has more control bytes than text has. UTF-16 without a mark is no binary."""
    if utf16_without_mark(head) is not None:
        return False
    controls = len(head) - len(head.translate(None, _CONTROLS))
    return controls > max(_MOST_CONTROLS, len(head) * _MOST_CONTROLS_SHARE)


def utf16_without_mark(head: bytes) -> str | None:
    """Return utf-16-le or utf-16-be where nearly every second byte, and no other, is zero; else None."""
    even, odd = head[0:4096:2], head[1:4096:2]
    if len(odd) < 2:
        return None
    for encoding, zeros, letters in (("utf-16-le", odd, even), ("utf-16-be", even, odd)):
        if zeros.count(0) > len(zeros) * 0.7 and letters.count(0) < len(letters) * 0.05:
            return encoding
    return None
