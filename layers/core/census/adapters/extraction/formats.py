"""Which module reads which media type. One row a format."""

import importlib
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import cast

from census.adapters.extraction.source_file import SourceFile
from census.domain.extracted_text import ExtractedText

_PACKAGE = "census.adapters.extraction"
Extract = Callable[[SourceFile], ExtractedText]


@dataclass(frozen=True)
class Format:
    """A format that is read: its module, and the one that is tried when that module's process dies."""

    media_type: str
    label: str
    module: str
    fallback: str | None = None
    extensions: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()


_OPEN_XML = "application/vnd.openxmlformats-officedocument."
DOCX = f"{_OPEN_XML}wordprocessingml.document"
PPTX = f"{_OPEN_XML}presentationml.presentation"
XLSX = f"{_OPEN_XML}spreadsheetml.sheet"
_XLSM = "application/vnd.ms-excel.sheet.macroenabled.12"
_DOCM = "application/vnd.ms-word.document.macroenabled.12"
_PPTM = "application/vnd.ms-powerpoint.presentation.macroenabled.12"
_NDJSON = ("application/jsonl", "application/jsonlines", "application/x-jsonlines")
_CSV = ("text/tab-separated-values", "application/csv")
FORMATS = (
    Format("application/pdf", "PDF", "pdf_text", "pdf_text_fallback", (".pdf",), ("application/x-pdf",)),
    Format(DOCX, "Word (docx)", "docx_text", None, (".docx", ".docm"), (_DOCM,)),
    Format(PPTX, "PowerPoint (pptx)", "pptx_text", None, (".pptx", ".pptm"), (_PPTM,)),
    Format(XLSX, "Excel (xlsx)", "xlsx_text", "xlsx_streaming", (".xlsx", ".xlsm"), (_XLSM,)),
    Format("text/html", "HTML", "html_text", None, (".html", ".htm", ".xhtml"), ("application/xhtml+xml",)),
    Format("text/markdown", "Markdown", "markdown_text", None, (".md", ".markdown"), ("text/x-markdown",)),
    Format("text/csv", "CSV", "csv_text", None, (".csv", ".tsv", ".tab"), _CSV),
    Format("application/rtf", "RTF", "rtf_text", None, (".rtf",), ("text/rtf", "application/x-rtf")),
    # A mail is its own second parser: it hands the wish for another one on to its attachments.
    Format("message/rfc822", "mail (eml)", "mail_text", "mail_text", (".eml", ".mht", ".mhtml")),
    Format("application/json", "JSON", "json_text", None, (".json",), ("text/json",)),
    Format("application/x-ndjson", "JSON Lines", "json_text", None, (".jsonl", ".ndjson"), _NDJSON),
    Format("text/plain", "plain text", "plain_text", None, (".txt", ".text", ".log")),
)
SUPPORTED = ", ".join(each.label for each in FORMATS)


def format_of(media_type: str) -> Format:
    """Return the format of a media type that detection named. Raises KeyError for another."""
    return {each.media_type: each for each in FORMATS}[media_type]


def load(module: str) -> Extract:
    """Return the `extract` function of one format's module; parsers are imported only here, when needed."""
    return cast(Extract, importlib.import_module(f"{_PACKAGE}.{module}").extract)


@cache
def prepare(module: str) -> None:
    """Import a format's module and let it do what it does once a process, where it says what that is."""
    load(module)
    warm_up = getattr(sys.modules[f"{_PACKAGE}.{module}"], "warm_up", None)
    if warm_up is not None:
        warm_up()
