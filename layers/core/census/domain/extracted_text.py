"""The text of a document, with the places of its pages and headings.

Every offset in Census counts Unicode code points in `ExtractedText.text`, which never changes after
extraction.
"""

import re
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any, Self

_LINE_BREAKS = "\r\x0b\x0c\x85\u2028\u2029"
_ASCII_CONTROLS = bytes((*range(0x09), *range(0x0E, 0x20), 0x7F))
# As UTF-8, a pattern for each first byte: one that begins with a known byte is many times as fast.
_UNWANTED = (
    re.compile(rb"\xc2[\x80-\x9f]"),  # control characters
    re.compile(
        rb"\xef(?:\xbb\xbf|\xb7[\x90-\xaf]|\xbf[\xbe\xbf])"
    ),  # U+FEFF, U+FDD0 to U+FDEF, U+FFFE, U+FFFF
)
_MOST_WARNINGS, _LONGEST_WARNING = 20, 500
_SURROGATES = re.compile("[\ud800-\udfff]")


def clean_text(raw: str) -> str:
    """Return `raw` as it may stand in `ExtractedText.text`; cleaning twice changes nothing.

    Every line end becomes `\\n`; control characters but tab, byte order marks and non-characters go; lone
    surrogates, which no encoding can store, become U+FFFD. Unicode is *not* normalised: NFC would replace
    characters (compatibility ideographs, reordered Hebrew points) that the reader of the source sees, and
    quotes are compared after folding anyway.
    """
    text = raw.replace("\r\n", "\n")
    for line_break in _LINE_BREAKS:  # plain searches, which are many times as fast as a pattern
        text = text.replace(line_break, "\n")
    data = _storable(text).translate(None, _ASCII_CONTROLS)
    if not text.isascii():
        for unwanted in _UNWANTED:
            data = unwanted.sub(b"", data)
    return data.decode()


def _storable(text: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError:
        return _SURROGATES.sub("\ufffd", text).encode()


@dataclass(frozen=True)
class Heading:
    """A heading that starts at `offset`; `level` 1 is the highest."""

    offset: int
    level: int
    text: str


@dataclass(frozen=True)
class ExtractedText:
    """What extraction yields.

    `page_starts` holds the offset of each page's first character, ascending, empty for a format without
    pages. `headings` are ascending by offset. `warnings` are sentences for the user about what was odd but
    not fatal, such as a declared type that differs from the content.
    """

    text: str
    title: str | None
    page_starts: tuple[int, ...]
    headings: tuple[Heading, ...]
    media_type: str
    warnings: tuple[str, ...] = ()

    def first_warnings(self) -> list[str]:
        """As many and as long as a person reads; a hostile file can make any number."""
        return [each[:_LONGEST_WARNING] for each in self.warnings[:_MOST_WARNINGS]]

    def page_at(self, offset: int) -> int | None:
        """Return the number, from 1, of the page that holds `offset`; None for a format without pages."""
        return max(1, bisect_right(self.page_starts, offset)) if self.page_starts else None

    def heading_path_at(self, offset: int) -> tuple[str, ...]:
        """Return the headings that `offset` stands under, outermost first."""
        index = bisect_right(self._heading_offsets, offset) - 1
        path: list[str] = []
        while index >= 0:
            path.append(self.headings[index].text)
            index = self._heading_parents[index]
        return tuple(reversed(path))

    @cached_property
    def _heading_offsets(self) -> list[int]:
        return [heading.offset for heading in self.headings]

    @cached_property
    def _heading_parents(self) -> list[int]:
        """For each heading the index of the one above it, -1 at the top."""
        parents: list[int] = []
        for index, heading in enumerate(self.headings):
            above = index - 1
            while above >= 0 and self.headings[above].level >= heading.level:
                above = parents[above]
            parents.append(above)
        return parents

    def to_json(self) -> dict[str, Any]:
        """Return a value that `json.dumps` takes and `from_json` reads back."""
        return {
            "text": self.text,
            "title": self.title,
            "page_starts": list(self.page_starts),
            "headings": [[heading.offset, heading.level, heading.text] for heading in self.headings],
            "media_type": self.media_type,
            "warnings": list(self.warnings),
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Self:
        """Read what `to_json` wrote. Raises LookupError, TypeError or ValueError for anything else.

        It trusts nothing, because the value may come from a process that a hostile file took over.
        """
        text = _string(value["text"])
        return cls(
            text=text,
            title=None if value["title"] is None else _string(value["title"]),
            page_starts=_offsets(value["page_starts"], len(text)),
            headings=_headings(value["headings"], len(text)),
            media_type=_string(value["media_type"]),
            warnings=tuple(_string(warning) for warning in value["warnings"]),
        )


def _string(value: object) -> str:
    if not isinstance(value, str) or clean_text(value) != value:
        raise ValueError("expected clean text")
    return value


def _offsets(values: Sequence[object], length: int) -> tuple[int, ...]:
    """Return ascending offsets into a text of `length` characters."""
    offsets = tuple(value for value in values if type(value) is int and 0 <= value <= length)
    if len(offsets) != len(values) or any(a > b for a, b in pairwise(offsets)):
        raise ValueError("expected ascending offsets within the text")
    return offsets


def _headings(rows: Sequence[Sequence[Any]], length: int) -> tuple[Heading, ...]:
    offsets = _offsets([row[0] for row in rows], length)
    return tuple(
        Heading(offset, int(row[1]), _string(row[2])) for offset, row in zip(offsets, rows, strict=True)
    )
