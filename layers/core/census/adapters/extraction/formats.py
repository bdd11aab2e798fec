"""Which module reads which media type. One row a format."""

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

from census.adapters.extraction.source_file import SourceFile
from census.domain.extracted_text import ExtractedText

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


FORMATS = (
    Format("application/pdf", "PDF", "pdf_text", "pdf_text_fallback", (".pdf",), ("application/x-pdf",)),
    Format("text/html", "HTML", "html_text", None, (".html", ".htm", ".xhtml"), ("application/xhtml+xml",)),
    Format("text/markdown", "Markdown", "markdown_text", None, (".md", ".markdown"), ("text/x-markdown",)),
    Format("text/plain", "plain text", "plain_text", None, (".txt", ".text", ".log")),
)
SUPPORTED = ", ".join(each.label for each in FORMATS)


def format_of(media_type: str) -> Format:
    """Return the format of a media type that detection named. Raises KeyError for another."""
    return {each.media_type: each for each in FORMATS}[media_type]


def load(module: str) -> Extract:
    """Return the `extract` function of one format's module; parsers are imported only here, when needed."""
    return cast(Extract, importlib.import_module(f"census.adapters.extraction.{module}").extract)
