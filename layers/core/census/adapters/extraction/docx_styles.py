"""What a Word document's styles and numbering say of a paragraph: its heading level, its list label."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from lxml import etree

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_HEADING_NAME = re.compile(r"heading ([1-9])$", re.IGNORECASE)
_MOST_ANCESTORS = 20
_BODY_TEXT_LEVEL = 9  # outlineLvl 9 means: no heading


def value_of(parent: etree._Element | None, tag: str) -> str | None:
    """Return the `w:val` of a child."""
    child = parent.find(W + tag) if parent is not None else None
    return child.get(W + "val") if child is not None else None


def number_of(parent: etree._Element | None, tag: str) -> int | None:
    """Return the `w:val` of a child as a small number, None if it is none."""
    text = value_of(parent, tag) or ""
    return int(text) if re.fullmatch(r"-?\d{1,9}", text) else None


def is_on(parent: etree._Element | None, tag: str) -> bool:
    """Tell whether a switch such as `w:vanish` is there and not turned off."""
    child = parent.find(W + tag) if parent is not None else None
    return child is not None and child.get(W + "val", "1") not in ("0", "false", "off", "none")


@dataclass(frozen=True)
class ParagraphStyle:
    """What a style gives its paragraphs."""

    name: str = ""
    level: int | None = None
    list_id: int | None = None
    list_level: int | None = None

    @property
    def is_title(self) -> bool:
        """Whether it is the style of a document's title."""
        return self.name.lower() == "title"


class Styles:
    """The paragraph styles of one document."""

    def __init__(self, root: etree._Element | None) -> None:
        found = root.iterfind(W + "style") if root is not None else ()
        self._elements = {each.get(W + "styleId", ""): each for each in found}
        self._known: dict[str, ParagraphStyle] = {}

    def of(self, style_id: str | None) -> ParagraphStyle:
        """Return the style of an id; one that says nothing for an unknown id."""
        key = style_id or ""
        if key not in self._known:
            self._known[key] = self._resolve(key)
        return self._known[key]

    def _resolve(self, style_id: str) -> ParagraphStyle:
        level = list_id = list_level = None
        chain = list(self._chain(style_id))
        for element in chain:
            properties = element.find(W + "pPr")
            numbering = properties.find(W + "numPr") if properties is not None else None
            level = _first(level, number_of(properties, "outlineLvl"), _named_level(element))
            list_id = _first(list_id, number_of(numbering, "numId"))
            list_level = _first(list_level, number_of(numbering, "ilvl"))
        name = value_of(chain[0], "name") if chain else style_id
        return ParagraphStyle(name or "", heading_level(level), list_id, list_level)

    def _chain(self, style_id: str) -> Iterator[etree._Element]:
        """Yield the style and those that it is based on."""
        for _ in range(_MOST_ANCESTORS):
            element = self._elements.get(style_id)
            if element is None:
                return
            yield element
            style_id = value_of(element, "basedOn") or ""


def heading_level(outline: int | None) -> int | None:
    """Return the level, from 1, of an outline level, which counts from 0."""
    return outline + 1 if outline is not None and 0 <= outline < _BODY_TEXT_LEVEL else None


def _named_level(style: etree._Element) -> int | None:
    match = _HEADING_NAME.match(value_of(style, "name") or "")
    return int(match.group(1)) - 1 if match else None


def _first(*values: int | None) -> int | None:
    return next((value for value in values if value is not None), None)
