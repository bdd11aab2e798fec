"""Reads the sample documents with as little cleverness as possible, to check what is written about them."""

import re
from datetime import date
from html.parser import HTMLParser
from pathlib import Path

import pypdfium2

MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_MONTH = "|".join(MONTHS)
_DATE = re.compile(
    rf"(?P<y1>\d{{4}})-(?P<m1>\d\d)-(?P<d1>\d\d)"
    rf"|(?P<m2>\d{{1,2}})/(?P<d2>\d{{1,2}})/(?P<y2>\d{{4}})"
    rf"|(?P<m3>{_MONTH}) (?P<d3>\d{{1,2}}), (?P<y3>\d{{4}})"
    rf"|(?P<d4>\d{{1,2}})(?:st|nd|rd|th)?(?: day of)? (?P<m4>{_MONTH}) (?P<y4>\d{{4}})"
)


class _Text(HTMLParser):
    """Collects text outside of style sheets; block ends become line ends."""

    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []
        self._style = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._style = tag == "style"

    def handle_endtag(self, tag: str) -> None:
        self._style = False
        if tag not in {"b", "i"}:
            self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._style:
            self.parts.append(data)


def read(path: Path) -> str:
    """The document's text; lines of a PDF end where they end on the page."""
    if path.suffix == ".pdf":
        return "\n".join(pages(path))
    text = path.read_text("utf-8")
    if path.suffix != ".html":
        return text
    parser = _Text()
    parser.feed(text)
    return "".join(parser.parts)


def pages(path: Path) -> list[str]:
    """The text of each page of a PDF."""
    with pypdfium2.PdfDocument(path) as document:
        return [page.get_textpage().get_text_range().replace("\r\n", "\n") for page in document]


def mentions(text: str, phrase: str) -> bool:
    """Whole words, case folded, the last one in singular or plural."""
    words = r"\s+".join(map(re.escape, phrase.removesuffix("s").split()))
    return re.search(rf"\b{words}s?\b", text, re.IGNORECASE) is not None


def first_date(text: str) -> date | None:
    """The earliest place in the text that names a whole day."""
    found = _DATE.search(" ".join(text.split()))
    if not found:
        return None
    year, month, day = (next(v for k, v in found.groupdict().items() if v and k[0] == part) for part in "ymd")
    return date(int(year), MONTHS.index(month) + 1 if month in MONTHS else int(month), int(day))


def field(text: str, key: str) -> str | None:
    """The value of a `Key: value` line."""
    found = re.search(rf"^[-\s]*{key}: *(.+?) *$", text, re.MULTILINE)
    return found.group(1).strip() if found else None
