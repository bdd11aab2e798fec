"""Presentations: a slide is a page, read as its audience reads it."""

import io
from pathlib import Path

import pytest
from pptx import Presentation
from pptx.util import Emu, Inches

from census.domain.extracted_text import ExtractedText
from tests.extraction.files import extract_here
from tests.extraction.packages import PRESENTATION, slides

TITLE_AND_BODY, BLANK = 1, 6


def shape(text: str, place: tuple[int, int] | None = None, kind: str = "") -> str:
    """A shape with `text` at `place` (top and left in inches)."""
    where = f'<a:xfrm><a:off y="{place[0] * 914400}" x="{place[1] * 914400}"/></a:xfrm>' if place else ""
    holder = f'<p:nvPr><p:ph type="{kind}"/></p:nvPr>' if kind else "<p:nvPr/>"
    lines = "".join(f"<a:p><a:r><a:t>{line}</a:t></a:r></a:p>" for line in text.split("\n"))
    return f"<p:sp><p:nvSpPr>{holder}</p:nvSpPr><p:spPr>{where}</p:spPr><p:txBody>{lines}</p:txBody></p:sp>"


def slide(*shapes: str) -> str:
    return f"<p:cSld><p:spTree>{''.join(shapes)}</p:spTree></p:cSld>"


def text_of(folder: Path, *contents: str) -> str:
    return extract_here(folder, slides(contents), "a.pptx").text


@pytest.fixture(scope="module")
def talk() -> bytes:
    presentation = Presentation()
    first = presentation.slides.add_slide(presentation.slide_layouts[TITLE_AND_BODY])
    first.shapes.title.text = "Results – 2024"
    first.placeholders[1].text = "Più vendite 🚀\nשלום"
    grid = first.shapes.add_table(2, 2, 0, Inches(6), Inches(4), Inches(1)).table
    for place, text in enumerate(("Quarter", "Sales", "Q1", "1,200")):
        grid.cell(place // 2, place % 2).text = text
    first.notes_slide.notes_text_frame.text = "Mention the e\u0301tude."
    presentation.slides.add_slide(presentation.slide_layouts[BLANK])
    last = presentation.slides.add_slide(presentation.slide_layouts[BLANK])
    group = last.shapes.add_group_shape()
    for left, text in ((Inches(5), "right"), (Emu(0), "left")):
        group.shapes.add_textbox(left, Inches(1), Inches(2), Inches(1)).text_frame.text = text
    out = io.BytesIO()
    presentation.save(out)
    return out.getvalue()


@pytest.fixture
def read(talk: bytes, tmp_path: Path) -> ExtractedText:
    return extract_here(tmp_path, talk, "talk.pptx")


def test_a_presentation_reads_as_it_is_shown(read: ExtractedText) -> None:
    assert read.text == (
        "Results – 2024\n\n"
        "Più vendite 🚀\nשלום\n\nQuarter | Sales\nQ1 | 1,200\n\nNotes: Mention the e\u0301tude."
        "\n\nleft\n\nright"
    )
    assert read.title == "Results – 2024"
    assert [(each.level, each.text, each.offset) for each in read.headings] == [(1, "Results – 2024", 0)]


def test_each_slide_is_a_page_also_one_without_text(read: ExtractedText) -> None:
    assert len(read.page_starts) == 3
    assert read.page_at(read.text.index("Notes")) == 1
    assert read.page_at(read.text.index("left")) == 3


def test_the_title_comes_first_and_boxes_follow_from_top_left_to_bottom_right(tmp_path: Path) -> None:
    boxes = (shape("d", (5, 1)), shape("c", (3, 6)), shape("b", (3, 1)), shape("a", (0, 0), "title"))
    assert text_of(tmp_path, slide(*boxes)) == "a\n\nb\n\nc\n\nd"


def test_boxes_that_stand_a_little_askew_are_still_side_by_side(tmp_path: Path) -> None:
    right = shape("right", (2, 5)).replace('y="1828800"', 'y="1850000"')
    left = shape("left", (2, 1)).replace('y="1828800"', 'y="1870000"')
    assert text_of(tmp_path, slide(right, left)) == "left\n\nright"


def test_a_placeholder_without_a_place_takes_that_of_its_layout(tmp_path: Path) -> None:
    names = f'xmlns:p="{PRESENTATION}" xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"'
    layout = f"<p:sldLayout {names}>{slide(shape('Click', (1, 0), 'body'))}</p:sldLayout>"
    relation = (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        '<Relationship Id="r0" Type="x/slideLayout" Target="../layout.xml"/></Relationships>'
    )
    content = slide(shape("below", (4, 0)), shape("above", None, "body"))
    data = slides([content], layout=layout, slide0_rels=relation)
    assert extract_here(tmp_path, data, "a.pptx").text == "above\n\nbelow"


def test_slide_numbers_dates_and_footers_are_left_out(tmp_path: Path) -> None:
    furniture = (shape("7", None, "sldNum"), shape("May 2024", None, "dt"), shape("ACME", None, "ftr"))
    assert text_of(tmp_path, slide(shape("Content"), *furniture)) == "Content"


def test_groups_inside_groups_are_read(tmp_path: Path) -> None:
    inner = f"<p:grpSp>{shape('deep')}</p:grpSp>"
    assert text_of(tmp_path, slide(f"<p:grpSp>{shape('high')}{inner}</p:grpSp>")) == "high\n\ndeep"


def test_the_order_is_that_of_the_show_and_not_of_the_files(tmp_path: Path) -> None:
    data = slides([slide(shape("one")), slide(shape("two"))])
    assert extract_here(tmp_path, data, "a.pptx").text == "one\n\ntwo"
