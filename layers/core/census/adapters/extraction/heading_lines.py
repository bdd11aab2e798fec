"""Finds headings in text that carries no marks for them, such as contracts."""

import re
from collections.abc import Iterator

from census.domain.extracted_text import Heading

_MOST_LETTERS = 90
_NAMED = re.compile(
    r"^[ \t]*((?:ARTICLE|Article|SECTION|CHAPTER|Chapter|PART|EXHIBIT|Exhibit|SCHEDULE|Schedule"
    r"|ANNEX|Annex|APPENDIX|Appendix)[ \t]+(?:[IVXLC]{1,7}|[0-9]{1,3}|[A-Z])\b[^\n]{0,80})$",
    re.MULTILINE,
)
_NUMBERED = re.compile(
    r"^[ \t]*(([0-9]{1,2}(?:\.[0-9]{1,2}){0,3})\.?[ \t]+[A-Z][A-Z0-9 ,;&/()'’-]{2,79}\.?)[ \t]*$",
    re.MULTILINE,
)


def find_heading_lines(text: str) -> tuple[Heading, ...]:
    """Return the lines that are surely headings: "ARTICLE IV ...", "SCHEDULE A", "7.2 LIMITATION OF
    LIABILITY".
    """
    found = {heading.offset: heading for heading in (*_named(text), *_numbered(text))}
    return tuple(found[offset] for offset in sorted(found))


def _named(text: str) -> Iterator[Heading]:
    for match in _NAMED.finditer(text):
        title = match.group(1).strip()
        # A sentence that wraps after "Section 4 of this Agreement," is none.
        if not title.endswith((",", ";")) and len(title) <= _MOST_LETTERS and not re.search(r"\.{4}", title):
            yield Heading(match.start(1), 1, title)


def _numbered(text: str) -> Iterator[Heading]:
    for match in _NUMBERED.finditer(text):
        yield Heading(match.start(1), 2 + match.group(2).count("."), match.group(1).strip())
