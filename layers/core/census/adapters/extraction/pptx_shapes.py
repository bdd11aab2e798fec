"""Where the shapes of a slide stand, in which order they are read, and what is written in them."""

from collections.abc import Iterator, Mapping

from lxml import etree

P = "{http://schemas.openxmlformats.org/presentationml/2006/main}"
A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_TITLES = frozenset(("title", "ctrTitle"))
_BAND = 457_200
"""Half an inch, in EMU: shapes whose tops differ by less stand side by side, and are read left to right."""
# fmt: off
_SHAPES = frozenset((
    *(P + tag for tag in ("sp", "grpSp", "graphicFrame", "cxnSp", "pic")),
    "{http://schemas.openxmlformats.org/markup-compatibility/2006}AlternateContent",
))
# fmt: on

Place = tuple[int, int]
Places = Mapping[tuple[str, str], Place]


def is_title(shape: etree._Element) -> bool:
    """Tell whether a shape is the slide's title."""
    found = shape.find(f"{P}nvSpPr/{P}nvPr/{P}ph")
    return found is not None and found.get("type") in _TITLES


def in_reading_order(tree: etree._Element, inherited: Places) -> list[etree._Element]:
    """Return the shapes of a slide or group: the title, then band by band from left to right.

    A shape whose place is unknown stays behind the one that it follows in the file.
    """
    keyed: list[tuple[tuple[bool, int, int], int, etree._Element]] = []
    place: Place = (0, 0)
    for number, shape in enumerate(each for each in tree if each.tag in _SHAPES):
        place = _place(shape) or inherited.get(_slot(shape)) or place
        keyed.append(((not is_title(shape), place[0] // _BAND, place[1]), number, shape))
    return [shape for _, _, shape in sorted(keyed, key=lambda each: each[:2])]


def places_of(layout: etree._Element | None) -> Places:
    """Return the places that a layout gives its placeholders, by type and index."""
    tree = layout.find(f"{P}cSld/{P}spTree") if layout is not None else None
    found: dict[tuple[str, str], Place] = {}
    for shape in tree if tree is not None else ():
        place = _place(shape)
        if place is not None:
            found[_slot(shape)] = place
    return found


def _slot(shape: etree._Element) -> tuple[str, str]:
    found = shape.find(f"{P}nvSpPr/{P}nvPr/{P}ph")
    return ("", "no placeholder") if found is None else (found.get("type", ""), found.get("idx", "0"))


def _place(shape: etree._Element) -> Place | None:
    """Return top and left in EMU, None where the shape does not say."""
    for path in (f"{P}spPr/{A}xfrm/{A}off", f"{P}grpSpPr/{A}xfrm/{A}off", f"{P}xfrm/{A}off"):
        found = shape.find(path)
        if found is not None:
            return _emu(found.get("y")), _emu(found.get("x"))
    return None


def _emu(text: str | None) -> int:
    digits = (text or "").strip()
    return int(digits) if digits.lstrip("-").isdecimal() and len(digits) < 12 else 0


def paragraphs_of(parent: etree._Element) -> Iterator[str]:
    """Yield the lines of text below `parent`: a line a paragraph, forced breaks kept."""
    for paragraph in parent.iter(A + "p"):
        yield "".join(_pieces(paragraph))


def _pieces(paragraph: etree._Element) -> Iterator[str]:
    for piece in paragraph.iter(A + "t", A + "br"):
        yield "\n" if piece.tag == A + "br" else piece.text or ""
