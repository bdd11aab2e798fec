"""A sound file of each format, for mutation."""

import io
import json
from email.message import EmailMessage

import docx
import openpyxl
from pptx import Presentation
from pptx.util import Inches

from tests.extraction.files import pdf

WORDS = "The quick brown fox – über 10 lazy dogs 😀 שלום."


def seeds() -> dict[str, bytes]:
    """File names and contents."""
    rows = [["Name", "Amount"], *([f"n{number}", str(number * 1.5)] for number in range(30))]
    page = f"<html><title>T</title><h1>One</h1><table><tr><td>a<td>b</table><ul><li>{WORDS}</ul>" * 3
    return {
        "a.pdf": pdf([[f"{WORDS.encode('ascii', 'ignore').decode()} {n}" for n in range(20)]] * 3, title="T"),
        "a.docx": document(),
        "a.pptx": presentation(),
        "a.xlsx": workbook(rows),
        "a.html": page.encode(),
        "a.md": f"# One\n\n{WORDS}\n\nTwo\n---\n\n```\n# code\n```\n".encode() * 5,
        "a.txt": f"ARTICLE I\n{WORDS}\r\n".encode() * 20,
        "a.csv": "\n".join(",".join(row) for row in rows).encode(),
        "a.json": json.dumps({"rows": rows, "deep": {"er": [WORDS, None, True]}}).encode(),
        "a.jsonl": "\n".join(json.dumps({"row": row}) for row in rows).encode(),
        "a.rtf": rb"{\rtf1\ansi{\fonttbl{\f0 Arial;}}\f0 Caf\'e9 \u8364?\par\trowd a\cell b\cell\row}" * 4,
        "a.eml": mail(),
    }


def document() -> bytes:
    """A docx with headings, a table, a list and headers."""
    made = docx.Document()
    made.sections[0].header.paragraphs[0].text = "Header"
    made.add_heading("Title", 0)
    for number in range(5):
        made.add_heading(f"Part {number}", 1 + number % 3)
        made.add_paragraph(WORDS)
        made.add_paragraph("item", style="List Number")
    grid = made.add_table(3, 3)
    grid.cell(0, 0).merge(grid.cell(1, 0)).text = "merged"
    return _saved(made)


def presentation() -> bytes:
    """A pptx with a title, bullets, a table, a group and notes."""
    made = Presentation()
    for number in range(3):
        slide = made.slides.add_slide(made.slide_layouts[1])
        slide.shapes.title.text = f"Slide {number}"
        slide.placeholders[1].text = WORDS
        slide.notes_slide.notes_text_frame.text = "note"
        slide.shapes.add_table(2, 2, 0, Inches(3), Inches(2), Inches(1)).table.cell(0, 0).text = "x"
        box = slide.shapes.add_group_shape().shapes.add_textbox(0, 0, Inches(1), Inches(1))
        box.text_frame.text = "inner"
    return _saved(made)


def workbook(rows: list[list[str]]) -> bytes:
    """An xlsx with two sheets."""
    made = openpyxl.Workbook()
    for sheet in (made.active, made.create_sheet("Two")):
        assert sheet is not None
        for row in rows:
            sheet.append([row[0], float(row[1]) if row[1][0].isdigit() else row[1]])
    return _saved(made)


def mail() -> bytes:
    """A mail with two bodies and two attachments."""
    made = EmailMessage()
    made["From"], made["Subject"] = "Zoë <z@example.org>", WORDS
    made.set_content(WORDS)
    made.add_alternative(f"<p>{WORDS}", subtype="html")
    made.add_attachment(pdf([["attached"]]), maintype="application", subtype="pdf", filename="a.pdf")
    made.add_attachment(b"a;b\n1;2", maintype="text", subtype="csv", filename="t.csv")
    return made.as_bytes()


def _saved(made: object) -> bytes:
    out = io.BytesIO()
    made.save(out)  # type: ignore[attr-defined]
    return out.getvalue()
