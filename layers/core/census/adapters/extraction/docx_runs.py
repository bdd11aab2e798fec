"""The characters of one Word paragraph: what is shown, and neither what was deleted nor what is hidden."""

from collections.abc import Callable, Iterator

from lxml import etree

from census.adapters.extraction.docx_styles import W, is_on

ALTERNATIVE = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_MATH_TEXT = "{http://schemas.openxmlformats.org/officeDocument/2006/math}t"
_BOX = W + "txbxContent"
# fmt: off
_NOT_SHOWN = frozenset((
    *(W + tag for tag in ("del", "moveFrom", "delText", "instrText", "pPr", "rt", "sdtPr", "object")),
    ALTERNATIVE,
))
# fmt: on
_CHARACTERS = {
    W + "tab": "\t",
    W + "br": "\n",
    W + "cr": "\n",
    W + "noBreakHyphen": "-",
    W + "ptab": "\t",
}
_REFERENCES = {W + "footnoteReference": "footnote", W + "endnoteReference": "endnote"}

Mark = Callable[[str, str], str]


def text_of(paragraph: etree._Element, mark: Mark) -> str:
    """Return the text of a paragraph without its text boxes; `mark` writes the references to notes."""
    return "".join(_texts(paragraph, mark))


def _texts(parent: etree._Element, mark: Mark) -> Iterator[str]:
    for child in _shown(parent):
        tag = child.tag
        if tag in (W + "t", _MATH_TEXT):
            yield child.text or ""
        elif tag in _CHARACTERS:
            yield _CHARACTERS[str(tag)]
        elif tag in _REFERENCES:
            yield mark(_REFERENCES[str(tag)], child.get(W + "id", ""))
        elif tag != _BOX:
            yield from _texts(child, mark)


def _shown(parent: etree._Element) -> Iterator[etree._Element]:
    for child in parent:
        hidden = child.tag == W + "r" and is_on(child.find(W + "rPr"), "vanish")
        placeholder = child.tag == W + "sdt" and is_on(child.find(W + "sdtPr"), "showingPlcHdr")
        if child.tag not in _NOT_SHOWN and not hidden and not placeholder:
            yield child


def notes_in(paragraph: etree._Element) -> Iterator[tuple[str, str]]:
    """Yield kind and id of the notes that a paragraph refers to."""
    for tag, kind in _REFERENCES.items():
        for each in paragraph.iter(tag):
            yield kind, each.get(W + "id", "")


def boxes_in(parent: etree._Element) -> Iterator[etree._Element]:
    """Yield the contents of the text boxes anchored in `parent`, not those inside of another box."""
    for child in _shown(parent):
        if child.tag == _BOX:
            yield child
        else:
            yield from boxes_in(child)
