"""PDF through pdfium, which is fast and exact, and which aborts its process on some hostile files."""

import pypdfium2

from census.adapters.extraction.pdf_pages import encrypted_pdf, join_pages
from census.adapters.extraction.source_file import SourceFile
from census.domain.extracted_text import ExtractedText
from census.domain.extraction_errors import ExtractionCode, ExtractionError

_WRONG_PASSWORD = 4  # FPDF_ERR_PASSWORD
_UNKNOWN_SECURITY = 5  # FPDF_ERR_SECURITY


def extract(source: SourceFile) -> ExtractedText:
    """Return the text of a PDF, page by page."""
    try:
        document = pypdfium2.PdfDocument(source.content)
    except pypdfium2.PdfiumError as error:
        if error.err_code in (_WRONG_PASSWORD, _UNKNOWN_SECURITY):
            raise encrypted_pdf() from error
        raise ExtractionError(
            ExtractionCode.CORRUPT,
            "The PDF is damaged and cannot be opened. Save it anew in a PDF program and upload that.",
        ) from error
    title = document.get_metadata_value("Title")
    return join_pages(_pages(document, source), title)


def _pages(document: pypdfium2.PdfDocument, source: SourceFile) -> list[str | None]:
    pages: list[str | None] = []
    left = source.max_chars
    for number in range(len(document)):
        pages.append(_page_text(document, number))
        left -= len(pages[-1] or "")
        if left < 0:
            raise source.too_large()
    return pages


def _page_text(document: pypdfium2.PdfDocument, number: int) -> str | None:
    """Return the text of one page, None if it cannot be read."""
    try:
        page = document[number]
    except pypdfium2.PdfiumError:
        return None  # counted by join_pages, which tells the user
    text_page = page.get_textpage()
    text = str(text_page.get_text_range())
    text_page.close()
    page.close()
    return text
