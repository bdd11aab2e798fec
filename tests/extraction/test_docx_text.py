"""Word documents: what stands on paper, in order."""

import io
from pathlib import Path

import docx
import pytest

from census.domain.extracted_text import ExtractedText
from census.domain.extraction_errors import ExtractionCode, ExtractionError
from tests.extraction.files import extract_here
from tests.extraction.packages import WORD, word

NAMES = f'xmlns:w="{WORD}"'


def run(text: str) -> str:
    return f'<w:r><w:t xml:space="preserve">{text}</w:t></w:r>'


def paragraph(inner: str, properties: str = "") -> str:
    return f"<w:p><w:pPr>{properties}</w:pPr>{inner}</w:p>"


def table(*rows: tuple[str, ...]) -> str:
    """A table whose cells hold the given blocks."""
    lines = ("".join(f"<w:tc>{cell}</w:tc>" for cell in row) for row in rows)
    return f"<w:tbl>{''.join(f'<w:tr>{line}</w:tr>' for line in lines)}</w:tbl>"


def numbered(text: str, list_id: int, level: int = 0) -> str:
    numbering = f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="{list_id}"/></w:numPr>'
    return paragraph(run(text), numbering)


def numbering(
    levels: list[tuple[str, str]], uses: str = '<w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num>'
) -> str:
    rows = "".join(
        f'<w:lvl w:ilvl="{number}"><w:start w:val="1"/>'
        f'<w:numFmt w:val="{kind}"/><w:lvlText w:val="{text}"/></w:lvl>'
        for number, (kind, text) in enumerate(levels)
    )
    return (
        f'<w:numbering {NAMES}><w:abstractNum w:abstractNumId="0">{rows}</w:abstractNum>{uses}</w:numbering>'
    )


def text_of(folder: Path, body: str, **parts: str) -> str:
    return extract_here(folder, word(body, strict=False, **parts), "a.docx").text


@pytest.fixture(scope="module")
def memo() -> bytes:
    document = docx.Document()
    document.core_properties.title = "Saved as something else"
    document.sections[0].header.paragraphs[0].text = "Confidential"
    document.sections[0].footer.paragraphs[0].text = "Page 1"
    document.add_heading("The Memo", 0)
    document.add_heading("Scope", 1)
    document.add_paragraph("Café, naïve, e\u0301tude, שלום עולם, 你好 👩\u200d👩\u200d👧.")
    document.add_heading("Prices", 2)
    grid = document.add_table(2, 3)
    for place, text in enumerate(("Item", "Price", "Note", "Pen", "1.50", "")):
        grid.cell(place // 3, place % 3).text = text
    document.add_paragraph("First", style="List Number")
    document.add_paragraph("Second", style="List Number")
    document.add_section().header.paragraphs[0].text = "Confidential"
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


@pytest.fixture
def read(memo: bytes, tmp_path: Path) -> ExtractedText:
    return extract_here(tmp_path, memo, "memo.docx")


def test_a_document_reads_as_it_stands(read: ExtractedText) -> None:
    assert read.text == (
        "Confidential\n\nThe Memo\n\nScope\n\n"
        "Café, naïve, e\u0301tude, שלום עולם, 你好 👩\u200d👩\u200d👧.\n\n"
        "Prices\n\nItem | Price | Note\nPen | 1.50\n1. First\n2. Second\n\nPage 1"
    )
    assert (read.title, read.page_starts) == ("The Memo", ())


def test_headings_have_their_levels_and_places(read: ExtractedText) -> None:
    assert [(each.level, each.text) for each in read.headings] == [(1, "Scope"), (2, "Prices")]
    assert all(read.text[each.offset :].startswith(each.text) for each in read.headings)
    assert read.heading_path_at(read.text.index("Pen")) == ("Scope", "Prices")


def test_tracked_insertions_are_text_and_deletions_are_not(tmp_path: Path) -> None:
    body = paragraph(
        run("The fee is ")
        + f"<w:del>{'<w:r><w:delText>10</w:delText></w:r>'}</w:del>"
        + f"<w:ins>{run('20')}</w:ins>"
        + f"<w:moveFrom>{run(' gone')}</w:moveFrom><w:moveTo>{run(' euros')}</w:moveTo>"
    )
    assert text_of(tmp_path, body) == "The fee is 20 euros"


def test_content_controls_are_read_and_their_prompts_are_not(tmp_path: Path) -> None:
    inner = f"<w:sdtContent>{run('Click here')}</w:sdtContent>"
    prompt = f"<w:sdt><w:sdtPr><w:showingPlcHdr/></w:sdtPr>{inner}</w:sdt>"
    filled = f"<w:sdt><w:sdtPr/><w:sdtContent>{run('Bob')}</w:sdtContent></w:sdt>"
    block = f"<w:sdt><w:sdtContent>{paragraph(run('A block'))}</w:sdtContent></w:sdt>"
    assert text_of(tmp_path, paragraph(run("By ") + filled + prompt) + block) == "By Bob\n\nA block"


def test_a_text_box_follows_its_paragraph_once(tmp_path: Path) -> None:
    box = f"<w:txbxContent>{paragraph(run('In the box'))}</w:txbxContent>"
    drawing = f"<mc:Choice><w:drawing><wps:txbx>{box}</wps:txbx></w:drawing></mc:Choice>"
    old = f"<mc:Fallback><w:pict><v:textbox>{box}</v:textbox></w:pict></mc:Fallback>"
    body = paragraph(run("Before") + f"<w:r><mc:AlternateContent>{drawing}{old}</mc:AlternateContent></w:r>")
    assert text_of(tmp_path, body + paragraph(run("After"))) == "Before\n\nIn the box\n\nAfter"


def test_a_table_inside_a_table_keeps_its_rows(tmp_path: Path) -> None:
    inner = table((paragraph(run("a")), paragraph(run("b"))), (paragraph(run("c")), paragraph(run("d"))))
    body = table((paragraph(run("left")), paragraph(run("right")) + inner))
    assert text_of(tmp_path, body) == "left\n\nright\n\na | b\nc | d"


def test_cells_that_reach_over_rows_are_written_once(tmp_path: Path) -> None:
    start = f'<w:tcPr><w:vMerge w:val="restart"/></w:tcPr>{paragraph(run("both"))}'
    rest = f"<w:tcPr><w:vMerge/></w:tcPr>{paragraph(run('hidden'))}"
    body = table((start, paragraph(run("1"))), (rest, paragraph(run("2"))))
    assert text_of(tmp_path, body) == "both | 1\n | 2"


def test_list_labels_are_counted_as_word_counts_them(tmp_path: Path) -> None:
    rules = numbering(
        [("decimal", "%1."), ("decimal", "%1.%2"), ("lowerLetter", "(%3)"), ("upperRoman", "%4.")]
    )
    lines = [("A", 0), ("B", 1), ("C", 1), ("D", 2), ("E", 2), ("F", 3), ("G", 0), ("H", 1)]
    body = "".join(numbered(text, 1, level) for text, level in lines)
    assert text_of(tmp_path, body, numbering=rules).split("\n") == (
        ["1. A", "1.1 B", "1.2 C", "(a) D", "(b) E", "I. F", "2. G", "2.1 H"]
    )


def test_a_list_that_starts_anew_starts_where_it_says(tmp_path: Path) -> None:
    again = '<w:lvlOverride w:ilvl="0"><w:startOverride w:val="7"/></w:lvlOverride>'
    uses = "".join(
        f'<w:num w:numId="{number}"><w:abstractNumId w:val="0"/>{more}</w:num>'
        for number, more in ((1, ""), (2, again))
    )
    rules = numbering([("decimal", "%1)")], uses)
    body = numbered("a", 1) + numbered("b", 1) + numbered("c", 2) + numbered("d", 2)
    assert text_of(tmp_path, body, numbering=rules) == "1) a\n2) b\n7) c\n8) d"


def test_numbered_headings_carry_their_numbers(tmp_path: Path) -> None:
    numbers = '<w:numPr><w:numId w:val="1"/></w:numPr><w:outlineLvl w:val="1"/>'
    rules = numbering([("decimal", "Article %1.")])
    found = extract_here(tmp_path, word(paragraph(run("Term"), numbers), numbering=rules), "a.docx")
    assert [(each.level, each.text) for each in found.headings] == [(2, "Article 1. Term")]


def test_footnotes_are_numbered_in_order_and_stand_at_the_end(tmp_path: Path) -> None:
    mark = '<w:r><w:footnoteReference w:id="{}"/></w:r>'
    notes = "".join(
        f'<w:footnote w:id="{number}">{paragraph(run(text))}</w:footnote>'
        for number, text in ((0, "separator"), (3, "The second."), (5, "The first."))
    )
    body = paragraph(run("One") + mark.format(5) + run(" and two") + mark.format(3))
    assert text_of(tmp_path, body, footnotes=f"<w:footnotes {NAMES}>{notes}</w:footnotes>") == (
        "One[1] and two[2]\n\nFootnotes\n[1] The first.\n[2] The second."
    )


def test_tabs_breaks_hyphens_and_hidden_words_are_what_a_reader_sees(tmp_path: Path) -> None:
    hidden = "<w:r><w:rPr><w:vanish/></w:rPr><w:t>secret</w:t></w:r>"
    field = f"<w:r><w:instrText>PAGEREF x</w:instrText></w:r>{run('4')}"
    body = paragraph(
        f"<w:r><w:t>a</w:t><w:tab/><w:t>b</w:t><w:br/><w:t>c</w:t><w:noBreakHyphen/><w:t>d</w:t></w:r>{hidden}{field}"
    )
    assert text_of(tmp_path, body) == "a\tb\nc-d4"


def test_strict_files_are_read_as_others(tmp_path: Path) -> None:
    strict = word(paragraph(run("Strictly speaking")), strict=True)
    assert extract_here(tmp_path, strict, "a.docx").text == "Strictly speaking"


def test_every_character_of_any_script_comes_through(tmp_path: Path) -> None:
    text = "مرحبا ‏עברית‏ 😀🏳️‍🌈 ﬁ Ω ñ n\u0303 한국어 \U0001d49c"
    assert text_of(tmp_path, paragraph(run(text))) == text


def test_entities_are_refused(tmp_path: Path) -> None:
    data = word("", document='<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/hostname">]><w>&e;</w>')
    with pytest.raises(ExtractionError) as caught:
        extract_here(tmp_path, data, "a.docx")
    assert caught.value.code is ExtractionCode.CORRUPT


def test_a_lesser_part_that_is_damaged_is_left_out_with_a_warning(tmp_path: Path) -> None:
    found = extract_here(tmp_path, word(paragraph(run("Text")), styles="<w:styles"), "a.docx")
    assert found.text == "Text"
    assert found.warnings == ("The part 'word/styles.xml' of the file is damaged and was left out.",)
