"""HTML: what a reader sees, in reading order, with headings, lists and table rows."""

import re
from dataclasses import dataclass, field
from html import escape

from selectolax.lexbor import LexborHTMLParser, LexborNode

from census.adapters.extraction.decode import decode
from census.adapters.extraction.html_layout import LINE, PARAGRAPH, Layout
from census.adapters.extraction.source_file import SourceFile
from census.domain.extracted_text import ExtractedText, clean_text

# fmt: off
_HIDDEN = frozenset((
    "head", "script", "style", "template", "noscript", "nav", "svg", "math", "iframe",
    "object", "canvas", "audio", "video", "datalist",
))
_PARAGRAPHS = frozenset((
    "p", "ul", "ol", "dl", "table", "blockquote", "pre", "section", "article",
    "header", "footer", "main", "aside", "figure", "form", "fieldset", "hr", "address",
    "details",
))
_LINES = frozenset((
    "div", "tr", "dt", "dd", "caption", "figcaption", "legend", "summary", "option",
    "center", "body", "html",
))
_NOT_NESTING = frozenset((
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link",
    "meta", "param", "source", "track", "wbr", "p", "li", "dt", "dd",
    "tr", "td", "th", "option",
))
# fmt: on
_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_CELLS = frozenset(("td", "th"))
_DECLARED_ENCODING = re.compile(
    rb"(?:charset|encoding)\s*=\s*[\"']?\s*([A-Za-z0-9_.:-]{2,40})", re.IGNORECASE
)
_INVISIBLE_STYLE = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_MOST_DEPTH = 500
"""Elements nested deeper lose their tags, not their text: the parser needs time in the square of the depth.
"""
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9-]*)[^<>]*>")


def extract(source: SourceFile) -> ExtractedText:
    """Return the visible text of a page; the title is the <title>, else the first heading."""
    data = source.read_text_bytes()
    # What the server or the mail said about the bytes comes before what the page says about itself.
    told = (source.declared_type or "").encode("ascii", "ignore")
    declared = _DECLARED_ENCODING.search(told) or _DECLARED_ENCODING.search(data[:1024])
    markup = cap_depth(decode(data, declared.group(1).decode("ascii") if declared else None))
    tree = LexborHTMLParser(plain_sections(markup) if markup.lstrip().startswith("<?xml") else markup)
    walk = _Walk()
    if tree.root is not None:
        walk.over(tree.root)
    headings = tuple(walk.layout.headings)
    title = _title(tree) or next((heading.text for heading in headings), None)
    return ExtractedText(walk.layout.text(), title, (), headings, "text/html")


def plain_sections(markup: str) -> str:
    """Return XHTML with the text of its CDATA sections escaped: to the parser of HTML they are comments."""
    first, *others = markup.split("<![CDATA[")
    sections = (part.partition("]]>") for part in others)
    return first + "".join(escape(text) + rest if end else text for text, end, rest in sections)


def cap_depth(markup: str) -> str:
    """Return `markup` without the tags that are nested deeper than `_MOST_DEPTH`."""
    if markup.count("<") <= _MOST_DEPTH:
        return markup
    depth = 0

    def keep(match: re.Match[str]) -> str:
        nonlocal depth
        if match.group(2).lower() in _NOT_NESTING or match.group(0).endswith("/>"):
            return match.group(0)
        deep = depth >= _MOST_DEPTH + (1 if match.group(1) else 0)
        depth = max(0, depth - 1) if match.group(1) else depth + 1
        return " " if deep else match.group(0)

    return _TAG.sub(keep, markup)


def _title(tree: LexborHTMLParser) -> str | None:
    node = tree.css_first("head > title")
    return " ".join(clean_text(node.text()).split()) or None if node is not None else None


@dataclass
class _Walk:
    """Goes through the tree without recursion, so that depth costs no stack."""

    layout: Layout = field(default_factory=Layout)
    _counters: list[int | None] = field(default_factory=list)
    _tables: list[bool] = field(default_factory=list)
    _cells_in_row: list[int] = field(default_factory=list)
    _preformatted: int = 0

    def over(self, root: LexborNode) -> None:
        """Visit `root` and all below it."""
        node: LexborNode | None = root
        while node is not None:
            child = node.first_child if self._enter(node) else None
            node = child or self._climb(node)

    def _climb(self, node: LexborNode) -> LexborNode | None:
        """Leave finished elements until one has a next sibling."""
        current: LexborNode | None = node
        while current is not None:
            self._leave(current)
            sibling = current.next
            if sibling is not None:
                return sibling
            current = current.parent
        return None

    def _enter(self, node: LexborNode) -> bool:
        """Handle the start of a node; return whether to go into it."""
        if node.is_text_node:
            self._text(node.text_content or "")
            return False
        tag = node.tag or ""
        if not node.is_element_node or tag in _HIDDEN or _is_hidden(node):
            return False
        if tag == "br":
            self.layout.line_break()
        elif tag in _HEADINGS:
            self.layout.open_heading()
        elif tag == "li":
            self.layout.mark_item(self._item_marker())
        elif tag in _CELLS:
            self._enter_cell()
        else:
            self._enter_block(node, tag)
        return True

    def _text(self, raw: str) -> None:
        if self._preformatted and not self.layout.cell_depth:
            self.layout.verbatim(raw)
        else:
            self.layout.words(raw)

    def _enter_block(self, node: LexborNode, tag: str) -> None:
        self.layout.separate(_gap(tag, nested_list=bool(self._counters)))
        if tag in ("ul", "ol"):
            self._counters.append(0 if tag == "ol" else None)
        elif tag == "pre":
            self._preformatted += 1
        elif tag == "table":
            self._tables.append(_is_layout_table(node))
            self._cells_in_row.append(0)
        elif tag == "tr" and self._cells_in_row:
            self._cells_in_row[-1] = 0

    def _leave(self, node: LexborNode) -> None:
        tag = node.tag or ""
        if not node.is_element_node or tag in _HIDDEN or _is_hidden(node):
            return
        if tag in _HEADINGS:
            self.layout.close_heading(_HEADINGS[tag])
        elif tag in _CELLS:
            self._leave_cell()
        else:
            self._leave_block(tag)

    def _leave_block(self, tag: str) -> None:
        if tag in ("ul", "ol"):
            self._counters.pop()
        elif tag == "pre":
            self._preformatted -= 1
        elif tag == "table":
            self._tables.pop()
            self._cells_in_row.pop()
        self.layout.separate(LINE if tag == "li" else _gap(tag, nested_list=bool(self._counters)))

    def _item_marker(self) -> str:
        indent = "  " * (len(self._counters) - 1)
        if not self._counters or self._counters[-1] is None:
            return f"{indent}- "
        self._counters[-1] += 1
        return f"{indent}{self._counters[-1]}. "

    def _enter_cell(self) -> None:
        if not self._tables or self._tables[-1]:
            self.layout.separate(LINE)
            return
        if self._cells_in_row[-1]:
            self.layout.next_cell()
        self._cells_in_row[-1] += 1
        self.layout.cell_depth += 1

    def _leave_cell(self) -> None:
        if self._tables and not self._tables[-1]:
            self.layout.cell_depth -= 1
        else:
            self.layout.separate(LINE)


def _gap(tag: str, *, nested_list: bool) -> str:
    if tag in _PARAGRAPHS:
        return LINE if nested_list and tag in ("ul", "ol") else PARAGRAPH
    return LINE if tag in _LINES else ""


def _is_hidden(node: LexborNode) -> bool:
    attributes = node.attrs
    return (
        "hidden" in attributes
        or attributes.sget("aria-hidden").lower() == "true"
        or bool(_INVISIBLE_STYLE.search(attributes.sget("style")))
    )


def _is_layout_table(table: LexborNode) -> bool:
    """Tell whether a table arranges a page rather than data: its cells hold headings, lists or tables."""
    return len(table.css("table")) > 1 or table.css_first("h1, h2, h3, ul, ol") is not None
