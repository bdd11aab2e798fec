"""Makes the PDFs of the collection from `sources/` and from the composed long contract.

Run from the repository's root: `.venv/bin/python -m samples.make_pdfs`. The output is the same byte for byte
each time: no date, no random id (reportlab's `invariant`), no compression (zlib builds differ).

The mark-up of the sources: `# ` and `## ` headings, `| a | b |` table rows, paragraphs between empty lines.
"""

from collections.abc import Iterator
from html import escape
from itertools import groupby
from pathlib import Path

from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle, getSampleStyleSheet
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import (
    BaseDocTemplate,
    Flowable,
    Frame,
    PageTemplate,
    Paragraph,
    Spacer,
    Table,
    TableStyle,
)

from samples.long_contract import compose

HERE = Path(__file__).resolve().parent
LONG_NAME = "master_services_norrland"
MARGIN = 23 * mm
GRID = TableStyle([("GRID", (0, 0), (-1, -1), 0.4, "#888888"), ("FONTSIZE", (0, 0), (-1, -1), 9)])


def sources() -> dict[str, str]:
    """Marked-up text by the PDF's name without its ending."""
    found = {path.stem: path.read_text("utf-8") for path in sorted((HERE / "sources").glob("*.txt"))}
    return found | {LONG_NAME: compose()}


def make_pdfs(folder: Path) -> list[Path]:
    """Write every PDF into the folder and return the paths."""
    return [_make_pdf(folder / f"{name}.pdf", text) for name, text in sources().items()]


def _make_pdf(path: Path, text: str) -> Path:
    title = text.splitlines()[0].removeprefix("# ")
    document = BaseDocTemplate(str(path), pagesize=A4, title=title, invariant=1, pageCompression=0)
    frame = Frame(MARGIN, MARGIN, A4[0] - 2 * MARGIN, A4[1] - 2 * MARGIN)
    document.addPageTemplates(PageTemplate(frames=[frame], onPageEnd=_number_page))
    document.build(list(_flowables(text)))
    return path


def _number_page(canvas: Canvas, _document: BaseDocTemplate) -> None:
    """At the page's end, so that a program reading the page meets the content first."""
    canvas.setFont("Helvetica", 8)
    canvas.drawCentredString(A4[0] / 2, 12 * mm, f"Page {canvas.getPageNumber()}")


def _flowables(text: str) -> Iterator[Flowable]:
    styles = getSampleStyleSheet()
    for block in text.split("\n\n"):
        lines = [line for line in block.splitlines() if line.strip()]
        for is_row, group in groupby(lines, key=lambda line: line.startswith("|")):
            if is_row:
                yield _table(list(group))
            else:
                yield from (
                    _paragraph(line, styles["Title"], styles["Heading2"], styles["BodyText"])
                    for line in group
                )
            yield Spacer(1, 2 * mm)


def _paragraph(line: str, title: ParagraphStyle, heading: ParagraphStyle, body: ParagraphStyle) -> Paragraph:
    marks = (("## ", heading), ("# ", title), ("", body))
    mark, style = next((mark, style) for mark, style in marks if line.startswith(mark))
    return Paragraph(escape(line.removeprefix(mark)), style)


def _table(lines: list[str]) -> Table:
    return Table(
        [[cell.strip() for cell in line.strip("|").split("|")] for line in lines], style=GRID, hAlign="LEFT"
    )


if __name__ == "__main__":
    for made in make_pdfs(HERE / "collection"):
        print(made.relative_to(HERE.parent))
