"""Collects the text of a document piece by piece, with its headings and pages, within its limit."""

from collections.abc import Iterable

from census.adapters.extraction.source_file import SourceFile
from census.domain.extracted_text import ExtractedText, Heading, clean_text

LINE, PARAGRAPH = "\n", "\n\n"
CELL_JOINT = " | "
_LONGEST_HEADING = 300


class TextBuilder:
    """Joins lines and paragraphs; raises ExtractionError as soon as the text exceeds the source's limit."""

    def __init__(self, source: SourceFile) -> None:
        self.headings: list[Heading] = []
        self._source = source
        self._parts: list[str] = []
        self._page_starts: list[int] = []
        self._length = 0
        self._pending_pages = 0

    @property
    def is_empty(self) -> bool:
        """Whether nothing was added yet."""
        return not self._parts

    @property
    def room(self) -> int:
        """How many characters may still come."""
        return max(0, self._source.max_chars - self._length)

    def page(self) -> None:
        """Start a page: it begins with the next text, or stays empty."""
        self._pending_pages += 1

    def line(self, text: str) -> int:
        """Add `text` on a line of its own; return its offset."""
        return self._add(LINE, text)

    def paragraph(self, text: str) -> int:
        """Add `text` after an empty line; return its offset."""
        return self._add(PARAGRAPH, text)

    def heading(self, text: str, level: int) -> None:
        """Add a heading as a paragraph; one without text is none."""
        title = " ".join(clean_text(text).split())
        if title:
            self.mark_heading(self.paragraph(title), level, title)

    def mark_heading(self, offset: int, level: int, text: str) -> None:
        """Note that a heading stands at `offset`; what is too long to be one is none."""
        title = " ".join(clean_text(text).split())
        if title and len(title) <= _LONGEST_HEADING:
            self.headings.append(Heading(offset, level, title))

    @property
    def top(self) -> str | None:
        """The text of the first heading, for want of a better title."""
        return self.headings[0].text if self.headings else None

    def embed(self, inner: ExtractedText, *, below: int) -> None:
        """Add a whole other text as a paragraph, its headings `below` levels lower."""
        start = self.paragraph(inner.text)
        for each in inner.headings:
            self.headings.append(Heading(start + each.offset, each.level + below, each.text))

    def build(self, media_type: str, title: str | None = None, warnings: Iterable[str] = ()) -> ExtractedText:
        """Return everything so far."""
        self._start_pages()
        name = " ".join(clean_text(title or "").split()) or None
        return ExtractedText(
            "".join(self._parts),
            name,
            tuple(self._page_starts),
            tuple(self.headings),
            media_type,
            tuple(" ".join(clean_text(each).split()) for each in warnings),
        )

    def _add(self, gap: str, raw: str) -> int:
        text = clean_text(raw)
        if self._parts:
            self._append(PARAGRAPH if self._pending_pages else gap)
        self._start_pages()
        offset = self._length
        self._append(text)
        if self._length > self._source.max_chars:
            raise self._source.too_large()
        return offset

    def _start_pages(self) -> None:
        self._page_starts += [self._length] * self._pending_pages
        self._pending_pages = 0

    def _append(self, text: str) -> None:
        self._parts.append(text)
        self._length += len(text)


def row_of(cells: Iterable[str]) -> str:
    """Return one line for a table's row, without empty cells at its end; "" for a row that is all empty."""
    flat = [" ".join(cell.split()) for cell in cells]
    while flat and not flat[-1]:
        flat.pop()
    return CELL_JOINT.join(flat)
