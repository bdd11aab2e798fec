"""PDF through pypdf: slower, but pure Python, so that what makes pdfium abort is an exception here."""

import logging

import pypdf
import pypdf.errors

from census.adapters.extraction.pdf_pages import encrypted_pdf, join_pages
from census.adapters.extraction.source_file import SourceFile
from census.domain.extracted_text import ExtractedText
from census.domain.extraction_errors import ExtractionCode, ExtractionError


def extract(source: SourceFile) -> ExtractedText:
    """Return the text of a PDF, page by page."""
    logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # it warns about every oddity of a broken file
    try:
        reader = pypdf.PdfReader(source.open())
        if reader.is_encrypted and not reader.decrypt(""):
            raise encrypted_pdf()
        return join_pages(_pages(reader, source), reader.metadata.title if reader.metadata else None)
    except pypdf.errors.LimitReachedError as error:
        raise ExtractionError(
            ExtractionCode.TOO_LARGE,
            "The PDF unpacks to far more data than any document needs. Save it anew.",
        ) from error
    except (
        pypdf.errors.PyPdfError,
        ValueError,
        KeyError,
        TypeError,
        AttributeError,
        RecursionError,
    ) as error:
        raise ExtractionError(
            ExtractionCode.CORRUPT,
            "The PDF is damaged: two readers failed on it. Save it anew in a PDF program and upload that.",
        ) from error


def _pages(reader: pypdf.PdfReader, source: SourceFile) -> list[str | None]:
    pages: list[str | None] = []
    left = source.max_chars
    for page in reader.pages:
        pages.append(page.extract_text())
        left -= len(pages[-1] or "")
        if left < 0:
            raise source.too_large()
    return pages
