"""Lays out the text of an HTML tree: lines, paragraphs, list markers, table rows, headings."""

import re
from dataclasses import dataclass, field

from census.domain.extracted_text import Heading, clean_text

SPACE, LINE, PARAGRAPH = " ", "\n", "\n\n"
_STRENGTH = {"": 0, SPACE: 1, LINE: 2, PARAGRAPH: 3}
# Non-breaking spaces are layout, too: whole pages are set with them.
_WHITE_SPACE = re.compile("[ \t\n\r\f\xa0]+")
CELL_JOINT = " | "


@dataclass
class Layout:
    """Collects text in reading order; white space is decided late, when the next text arrives."""

    headings: list[Heading] = field(default_factory=list)
    length: int = 0
    cell_depth: int = 0
    _parts: list[str] = field(default_factory=list)
    _pending: str = ""
    _marker: str = ""
    _heading_start: tuple[int, int] | None = None
    _in_heading: bool = False

    def text(self) -> str:
        """Return everything so far."""
        return "".join(self._parts)

    def separate(self, gap: str) -> None:
        """Ask for at least `gap` before the next text; inside a table cell lines become spaces."""
        wanted = SPACE if self.cell_depth and gap else gap
        if _STRENGTH[wanted] > _STRENGTH[self._pending]:
            self._pending = wanted

    def line_break(self) -> None:
        """Break the line; the second break in a row makes a paragraph."""
        self.separate(PARAGRAPH if self._pending == LINE else LINE)

    def mark_item(self, marker: str) -> None:
        """Start a list item: `marker` comes before its first text."""
        self.separate(LINE)
        self._marker = marker

    def next_cell(self) -> None:
        """Put the joint between two cells of a row, also where a cell is empty."""
        self._flush_gap(drop=self._pending == SPACE)
        self._append(CELL_JOINT)

    def words(self, raw: str) -> None:
        """Add running text: white space collapses to one space."""
        text = _WHITE_SPACE.sub(" ", clean_text(raw).replace("\xad", ""))
        if text.startswith(" "):
            self.separate(SPACE)
        if core := text.strip(" "):
            self._put(core)
            self._pending = SPACE if text.endswith(" ") else ""

    def verbatim(self, raw: str) -> None:
        """Add preformatted text, its lines kept."""
        text = clean_text(raw)
        if text:
            self._put(text)

    def open_heading(self) -> None:
        """Start a heading: it begins with the next text."""
        self.separate(PARAGRAPH)
        self._in_heading, self._heading_start = True, None

    def close_heading(self, level: int) -> None:
        """End the heading; one without text is none."""
        if self._heading_start is not None:
            offset, part = self._heading_start
            title = " ".join("".join(self._parts[part:]).split())
            self.headings.append(Heading(offset, level, title))
        self._in_heading = False
        self.separate(PARAGRAPH)

    def _put(self, text: str) -> None:
        self._flush_gap(drop=not self._parts)
        if self._marker:
            self._append(self._marker)
            self._marker = ""
        if self._in_heading and self._heading_start is None:
            self._heading_start = (self.length, len(self._parts))
        self._append(text)

    def _flush_gap(self, *, drop: bool) -> None:
        joined = bool(self._parts) and self._parts[-1] == CELL_JOINT and self._pending == SPACE
        if not drop and not joined:
            self._append(self._pending)
        self._pending = ""

    def _append(self, text: str) -> None:
        self._parts.append(text)
        self.length += len(text)
