"""Workbooks cell by cell: slower than calamine, and as small as the cells that there are.

It reads what makes calamine abort: two cells at opposite corners of a sheet.
"""

import zipfile
from collections.abc import Iterator
from datetime import datetime, timedelta

from lxml import etree

from census.adapters.extraction.formats import XLSX
from census.adapters.extraction.office_package import RELATION_ID, OfficePackage, xml_error
from census.adapters.extraction.sheet_rows import MOST_GAP, Value, add_sheet
from census.adapters.extraction.source_file import SourceFile
from census.adapters.extraction.text_builder import TextBuilder
from census.adapters.extraction.xlsx_formats import S, date_styles
from census.adapters.extraction.zip_directory import damaged
from census.domain.extracted_text import ExtractedText

_EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001 - a spreadsheet's times have no zone
_EPOCH_1904 = datetime(1904, 1, 1)  # noqa: DTZ001
_LAST_DAY = 2_958_465  # 9999-12-31


def extract(source: SourceFile) -> ExtractedText:
    """Return the text of a workbook: a page a sheet, a line a row with something in it."""
    package = OfficePackage(source)
    out = TextBuilder(source)
    relations = package.relations(package.main_part)
    book = _Book(package, {each.kind: each.target for each in relations.values()})
    for sheet in package.xml(package.main_part).iterfind(f"{S}sheets/{S}sheet"):
        relation = relations.get(sheet.get(RELATION_ID + "id", ""))
        if relation is not None and relation.kind == "worksheet":
            add_sheet(out, sheet.get("name", ""), book.rows(relation.target))
    return out.build(XLSX, package.title, package.warnings)


class _Book:
    """What the sheets of a workbook share: its texts and the styles that make a number a date."""

    def __init__(self, package: OfficePackage, parts: dict[str, str]) -> None:
        self._package = package
        self._dates = date_styles(package.xml_if_there(parts.get("styles", "")))
        properties = package.xml(package.main_part).find(S + "workbookPr")
        is_1904 = properties is not None and properties.get("date1904") in ("1", "true")
        self._epoch = _EPOCH_1904 if is_1904 else _EPOCH
        self._texts = list(self._shared(parts.get("sharedStrings", "")))

    def rows(self, part: str) -> Iterator[list[Value]]:
        """Yield the rows of a sheet that hold something."""
        for row in _elements(self._package, part, S + "row"):
            values: list[Value] = []
            last = -1
            for cell in row.iterfind(S + "c"):
                column = _column(cell.get("r", ""))
                at = last + 1 if column is None else column
                values += [None] * min(max(0, at - last - 1), MOST_GAP)
                values.append(self._value(cell))
                last = at
            yield values

    def _shared(self, part: str) -> Iterator[str]:
        if self._package.has(part):
            for item in _elements(self._package, part, S + "si"):
                yield _rich_text(item)

    def _value(self, cell: etree._Element) -> Value:
        kind, raw = cell.get("t", "n"), cell.findtext(S + "v") or ""
        if kind == "inlineStr":
            inline = cell.find(S + "is")
            return _rich_text(inline) if inline is not None else ""
        if kind == "s":
            return self._texts[int(raw)] if raw.isdecimal() and int(raw) < len(self._texts) else ""
        if kind == "b":
            return raw == "1"
        return self._number(raw, cell.get("s", "0")) if kind == "n" else raw

    def _number(self, raw: str, style: str) -> Value:
        try:
            number = float(raw)
        except ValueError:
            return raw
        is_date = style in self._dates and 0 <= number <= _LAST_DAY
        return self._moment(number, only_time=self._dates[style] == "time") if is_date else number

    def _moment(self, number: float, *, only_time: bool) -> Value:
        span = timedelta(seconds=round(number * 86_400))
        return span if only_time else self._epoch + span


def _elements(package: OfficePackage, part: str, tag: str) -> Iterator[etree._Element]:
    """Yield the elements of one tag, each forgotten after its use."""
    with package.archive.open(package.entry(part)) as file:
        try:
            events = etree.iterparse(
                file, tag=tag, resolve_entities=False, no_network=True, remove_comments=True, remove_pis=True
            )
            for _, element in events:
                yield element
                element.clear()
                while element.getprevious() is not None:
                    del element.getparent()[0]
        except etree.XMLSyntaxError as error:
            raise xml_error(error) from error
        except (zipfile.BadZipFile, EOFError, OSError) as error:
            raise damaged() from error


def _rich_text(item: etree._Element) -> str:
    """Return the text of runs, without the phonetic guides."""
    return "".join(each.text or "" for each in item.iter(S + "t") if not _is_phonetic(each))


def _is_phonetic(text: etree._Element) -> bool:
    parent = text.getparent()
    return parent is not None and parent.tag == S + "rPh"


def _column(reference: str) -> int | None:
    """Return the column, from 0, of a reference such as XFD1048576; None if it is none."""
    letters = reference.rstrip("0123456789")
    if not 1 <= len(letters) <= 3 or not (letters.isascii() and letters.isalpha()):
        return None
    column = 0
    for letter in letters.upper():
        column = column * 26 + ord(letter) - ord("A") + 1
    return column - 1
