"""Presentations: a slide is a page: its title, its shapes in reading order, tables as rows, speaker notes."""

from collections.abc import Iterator

from lxml import etree

from census.adapters.extraction.formats import PPTX
from census.adapters.extraction.office_package import RELATION_ID, OfficePackage
from census.adapters.extraction.pptx_shapes import A, P, in_reading_order, is_title, paragraphs_of, places_of
from census.adapters.extraction.source_file import SourceFile
from census.adapters.extraction.text_builder import TextBuilder, row_of
from census.domain.extracted_text import ExtractedText

_DIAGRAM = "{http://schemas.openxmlformats.org/drawingml/2006/diagram}"
_ALTERNATIVE = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_FURNITURE = frozenset(("sldNum", "dt", "ftr", "hdr", "sldImg"))


def extract(source: SourceFile) -> ExtractedText:
    """Return the text of a presentation; the title is the first slide's."""
    package = OfficePackage(source)
    out = TextBuilder(source)
    for part in _slides(package):
        out.page()
        _Slide(package, part, out).add()
    return out.build(PPTX, out.top or package.title, package.warnings)


def _slides(package: OfficePackage) -> Iterator[str]:
    relations = package.relations(package.main_part)
    for each in package.xml(package.main_part).iterfind(f"{P}sldIdLst/{P}sldId"):
        relation = relations.get(each.get(RELATION_ID + "id", ""))
        if relation is not None and package.has(relation.target):
            yield relation.target


class _Slide:
    """Adds one slide to the text."""

    def __init__(self, package: OfficePackage, part: str, out: TextBuilder) -> None:
        self._package = package
        self._part = part
        self._relations = package.relations(part)
        self._out = out

    def add(self) -> None:
        """Add the slide's shapes and notes."""
        tree = self._package.xml(self._part).find(f"{P}cSld/{P}spTree")
        if tree is not None:
            self._shapes(tree)
        notes = self._package.xml_if_there(self._related("notesSlide"))
        lines = list(_note_lines(notes)) if notes is not None else []
        if lines:
            self._out.paragraph("Notes: " + "\n".join(lines))

    def _related(self, kind: str) -> str:
        return next((each.target for each in self._relations.values() if each.kind == kind), "")

    def _shapes(self, tree: etree._Element) -> None:
        layout = self._package.xml_if_there(self._related("slideLayout"))
        for shape in in_reading_order(tree, places_of(layout)):
            self._shape(shape)

    def _shape(self, shape: etree._Element) -> None:
        kind = etree.QName(shape).localname
        if kind == "grpSp":
            for inner in in_reading_order(shape, {}):
                self._shape(inner)
        elif kind == "AlternateContent":
            for inner in (each for choice in shape if choice.tag != _ALTERNATIVE for each in choice):
                self._shape(inner)
        elif kind == "graphicFrame":
            self._graphic(shape)
        elif _placeholder(shape) not in _FURNITURE:
            self._text(shape)

    def _text(self, shape: etree._Element) -> None:
        lines = list(paragraphs_of(shape))
        if is_title(shape):
            self._out.heading(" ".join(lines), 1)
        elif any(line.strip() for line in lines):
            self._out.paragraph("\n".join(lines))

    def _graphic(self, frame: etree._Element) -> None:
        add = self._out.paragraph
        for row in frame.iter(A + "tr"):
            line = row_of(" ".join(paragraphs_of(cell)) for cell in row.iterfind(A + "tc"))
            if line:
                add(line)
                add = self._out.line
        for pointer in frame.iter(_DIAGRAM + "relIds"):
            relation = self._relations.get(pointer.get(RELATION_ID + "dm", ""))
            diagram = self._package.xml_if_there(relation.target) if relation is not None else None
            lines = [line for line in paragraphs_of(diagram) if line.strip()] if diagram is not None else []
            if lines:
                self._out.paragraph("\n".join(lines))


def _placeholder(shape: etree._Element) -> str:
    found = shape.find(f"{P}nvSpPr/{P}nvPr/{P}ph")
    return found.get("type", "") if found is not None else ""


def _note_lines(notes: etree._Element) -> Iterator[str]:
    for shape in notes.iter(P + "sp"):
        if _placeholder(shape) not in _FURNITURE:
            yield from (line for line in paragraphs_of(shape) if line.strip())
