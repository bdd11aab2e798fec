"""PDF through pdfium, which is fast and exact, and which aborts its process on some hostile files."""

from pathlib import Path

import pypdfium2

from census.adapters.extraction.pdf_pages import encrypted_pdf, join_pages
from census.adapters.extraction.source_file import SourceFile
from census.domain.extracted_text import ExtractedText
from census.domain.extraction_errors import ExtractionCode, ExtractionError

_MOST_IN_MEMORY = 32 * 1024 * 1024
_WRONG_PASSWORD = 4  # FPDF_ERR_PASSWORD
_UNKNOWN_SECURITY = 5  # FPDF_ERR_SECURITY


_FONTS = b"".join(
    b"/F%d<</Type/Font/Subtype/Type1/BaseFont/%s>>" % font
    for font in enumerate((b"Helvetica", b"Times-Roman", b"Courier", b"Symbol"))
)
_PAGE = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj "
    b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 99 99]/Contents 4 0 R/Resources<</Font<<"
    + _FONTS
    + b">>>>"
    b">>endobj 4 0 obj<</Length 68>>stream\n"
    b"BT /F0 9 Tf(a)Tj /F1 9 Tf(b)Tj /F2 9 Tf(c)Tj /F3 9 Tf(d)Tj 0 1 Td ET \nendstream endobj "
    b"trailer<</Root 1 0 R>>"
)


def warm_up() -> None:
    """Read a page of our own, so that pdfium has its fonts in order before the process forks."""
    document = pypdfium2.PdfDocument(_PAGE)
    _page_text(document, 0)
    document.close()


def extract(source: SourceFile) -> ExtractedText:
    """Return the text of a PDF, page by page."""
    try:
        document = pypdfium2.PdfDocument(_in_memory(source))
    except pypdfium2.PdfiumError as error:
        if error.err_code in (_WRONG_PASSWORD, _UNKNOWN_SECURITY):
            raise encrypted_pdf() from error
        raise ExtractionError(
            ExtractionCode.CORRUPT,
            "The PDF is damaged and cannot be opened. Save it anew in a PDF program and upload that.",
        ) from error
    title = document.get_metadata_value("Title")
    return join_pages(_pages(document, source), title)


def _in_memory(source: SourceFile) -> bytes | Path:
    """Return the bytes of a file that has room beside its pages: pdfium asks a file for a few at a time."""
    return source.read_bytes() if source.size() <= _MOST_IN_MEMORY else source.content


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
