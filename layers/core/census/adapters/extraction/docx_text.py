"""Word documents: what stands on paper, in order, with headings, list labels, tables as rows and notes.

A walker of ours rather than docx2python, which keeps no heading levels, writes every list label its own way
("1)" for "4.2.") and puts each header once a section. Tracked insertions are text, deletions are not.
"""

from collections.abc import Iterator

from lxml import etree

from census.adapters.extraction.docx_numbering import Numbering
from census.adapters.extraction.docx_runs import ALTERNATIVE, boxes_in, notes_in, text_of
from census.adapters.extraction.docx_styles import (
    ParagraphStyle,
    Styles,
    W,
    heading_level,
    number_of,
    value_of,
)
from census.adapters.extraction.formats import DOCX
from census.adapters.extraction.office_package import OfficePackage
from census.adapters.extraction.source_file import SourceFile
from census.adapters.extraction.text_builder import TextBuilder, row_of
from census.domain.extracted_text import ExtractedText

_NOTES = (("footnotes", "footnote"), ("endnotes", "endnote"))
_NO_BLOCKS = frozenset(
    (*(W + tag for tag in ("del", "moveFrom", "pPr", "tcPr", "sectPr", "sdtPr")), ALTERNATIVE)
)


def extract(source: SourceFile) -> ExtractedText:
    """Return the text of a document; page headers come once, at its start, footers and notes at its end."""
    package = OfficePackage(source)
    parts = dict(package.relations(package.main_part).values())
    styles = Styles(package.xml_if_there(parts.get("styles", "")))
    numbering = Numbering(package.xml_if_there(parts.get("numbering", "")))
    walk = _Walk(TextBuilder(source), styles, numbering)
    walk.margin(package, "header")
    body = package.xml(package.main_part).find(W + "body")
    if body is not None:
        walk.blocks(body)
    for kind, tag in _NOTES:
        walk.notes(package.xml_if_there(parts.get(kind, "")), kind, tag)
    walk.margin(package, "footer")
    return walk.out.build(DOCX, walk.title or package.title or walk.out.top, package.warnings)


class _Walk:
    """Goes through the blocks of a document: paragraphs, tables, content controls."""

    def __init__(self, out: TextBuilder, styles: Styles, numbering: Numbering) -> None:
        self.out = out
        self.title: str | None = None
        self._styles = styles
        self._numbering = numbering
        self._notes: dict[str, list[str]] = {tag: [] for _, tag in _NOTES}

    def blocks(self, parent: etree._Element) -> None:
        """Add everything below `parent`, in order."""
        for block in _blocks(parent):
            if block.tag == W + "p":
                self._paragraph(block)
            else:
                self._table(block)

    def margin(self, package: OfficePackage, kind: str) -> None:
        """Add the texts of all headers or footers, each different one once."""
        seen: set[str] = set()
        for relation in package.relations(package.main_part).values():
            root = package.xml_if_there(relation.target) if relation.kind == kind else None
            lines = [self._plain(block) for block in _blocks(root)] if root is not None else []
            text = "\n".join(line for line in lines if line.strip())
            if text and text not in seen:
                seen.add(text)
                self.out.paragraph(text)

    def notes(self, root: etree._Element | None, kind: str, tag: str) -> None:
        """Add the footnotes or endnotes that the text refers to, in the order of their marks."""
        wanted = self._notes[tag]
        if root is None or not wanted:
            return
        by_id = {each.get(W + "id", ""): each for each in root.iterfind(W + tag)}
        self.out.heading(kind.capitalize(), 1)
        for number, note_id in enumerate(wanted, 1):
            found = by_id.get(note_id)
            text = " ".join(self._plain(block) for block in _blocks(found)) if found is not None else ""
            self.out.line(f"[{number}] {' '.join(text.split())}")

    def _paragraph(self, element: etree._Element) -> None:
        properties = element.find(W + "pPr")
        style = self._styles.of(value_of(properties, "pStyle"))
        self._note_marks(element)
        text = text_of(element, self._mark).strip()
        if text:
            self._add(self._label(properties, style) + text, properties, style)
        for box in boxes_in(element):
            self.blocks(box)

    def _add(self, text: str, properties: etree._Element | None, style: ParagraphStyle) -> None:
        level = heading_level(number_of(properties, "outlineLvl")) or style.level
        if style.is_title and self.title is None:
            self.title = text
        if level is None:
            in_list = properties is not None and properties.find(W + "numPr") is not None
            (self.out.line if in_list or style.list_id else self.out.paragraph)(text)
        else:
            self.out.heading(text, level)

    def _label(self, properties: etree._Element | None, style: ParagraphStyle) -> str:
        numbering = properties.find(W + "numPr") if properties is not None else None
        own = number_of(numbering, "numId")
        list_id = style.list_id if own is None else own
        level = number_of(numbering, "ilvl")
        return self._numbering.label(list_id, level or style.list_level or 0) if list_id else ""

    def _note_marks(self, element: etree._Element) -> None:
        for tag, note_id in notes_in(element):
            if note_id not in self._notes[tag]:
                self._notes[tag].append(note_id)

    def _mark(self, tag: str, note_id: str) -> str:
        known = self._notes[tag]
        return f"[{known.index(note_id) + 1}]" if note_id in known else ""

    def _table(self, table: etree._Element) -> None:
        rows = [list(_cells(row)) for row in _rows(table)]
        if self._arranges(rows):
            for cell in (cell for row in rows for cell in row):
                self.blocks(cell)
            return
        add = self.out.paragraph
        for row in rows:
            line = row_of(self._cell(cell) for cell in row)
            if line:
                add(line)
                add = self.out.line
        boxes = (box for row in rows for cell in row for box in boxes_in(cell))
        for box in boxes:
            self.blocks(box)

    def _arranges(self, rows: list[list[etree._Element]]) -> bool:
        """Tell whether a table arranges a page rather than data: one column, tables or headings in cells."""
        if all(len(row) <= 1 for row in rows):
            return True
        blocks = (block for row in rows for cell in row for block in _blocks(cell))
        return any(block.tag == W + "tbl" or self._is_heading(block) for block in blocks)

    def _is_heading(self, paragraph: etree._Element) -> bool:
        properties = paragraph.find(W + "pPr")
        return self._styles.of(value_of(properties, "pStyle")).level is not None

    def _cell(self, cell: etree._Element) -> str:
        merge = cell.find(f"{W}tcPr/{W}vMerge")
        if merge is not None and merge.get(W + "val", "continue") == "continue":
            return ""  # the cell above reaches down to here
        return " ".join(self._labelled(block) for block in _blocks(cell))

    def _labelled(self, paragraph: etree._Element) -> str:
        self._note_marks(paragraph)
        text = text_of(paragraph, self._mark)
        properties = paragraph.find(W + "pPr")
        style = self._styles.of(value_of(properties, "pStyle"))
        return self._label(properties, style) + text if text.strip() else text

    def _plain(self, block: etree._Element) -> str:
        if block.tag == W + "tbl":
            return "\n".join(row_of(self._cell(cell) for cell in _cells(row)) for row in _rows(block))
        own = text_of(block, self._mark)
        return "\n".join([own, *(self._plain(each) for box in boxes_in(block) for each in _blocks(box))])


def _blocks(parent: etree._Element) -> Iterator[etree._Element]:
    """Yield the paragraphs and tables below `parent`, through content controls and tracked insertions."""
    for child in parent:
        if child.tag in (W + "p", W + "tbl"):
            yield child
        elif child.tag not in _NO_BLOCKS:
            yield from _blocks(child)


def _rows(table: etree._Element) -> Iterator[etree._Element]:
    for child in table:
        if child.tag == W + "tr":
            if child.find(f"{W}trPr/{W}del") is None:
                yield child
        elif child.tag not in (W + "tblPr", W + "tblGrid"):
            yield from _rows(child)


def _cells(row: etree._Element) -> Iterator[etree._Element]:
    for child in row:
        if child.tag == W + "tc":
            yield child
        elif child.tag not in (W + "trPr", W + "tblPrEx"):
            yield from _cells(child)
