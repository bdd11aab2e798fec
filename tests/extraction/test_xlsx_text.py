"""Workbooks: a sheet is a page, a row is a line, by either reader."""

import io
from datetime import date, datetime, time
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from census.adapters.extraction.sheet_rows import readable
from census.adapters.extraction.xlsx_formats import kind_of_code
from census.adapters.subprocess_text_extractor import SubprocessTextExtractor
from census.domain.extraction_errors import ExtractionCode, ExtractionError
from tests.extraction.files import extract_here
from tests.extraction.packages import workbook

BOTH = pytest.mark.parametrize("use_fallback", [False, True], ids=["calamine", "streaming"])


@pytest.fixture(scope="module")
def book() -> bytes:
    made = openpyxl.Workbook()
    sales = made.active
    assert sales is not None
    sales.title = "Verkäufe"
    rows: list[list[object]] = [
        ["Name", "Date", "Amount", "Paid"],
        ["Zoë 😀", date(2024, 2, 29), 1234.5, True],
        ["שלום", datetime(2024, 3, 1, 13, 45), 7, False],  # noqa: DTZ001 - a sheet's times have no zone
        [],
        ["two\nlines", time(8, 30), 0.1 + 0.2, None],
    ]
    for row in rows:
        sales.append(row)
    made.create_sheet("Empty")
    made.create_sheet("Figures").append([1, 2, 3])
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


@BOTH
def test_a_workbook_reads_row_by_row(book: bytes, tmp_path: Path, use_fallback: bool) -> None:
    found = extract_here(tmp_path, book, "a.xlsx", use_fallback=use_fallback)
    assert found.text == (
        "Verkäufe\n\nName | Date | Amount | Paid\nZoë 😀 | 2024-02-29 | 1234.5 | TRUE\n"
        "שלום | 2024-03-01 13:45:00 | 7 | FALSE\ntwo lines | 08:30:00 | 0.3\n\nFigures\n\n1 | 2 | 3"
    )
    assert [found.page_at(found.text.index(word)) for word in ("Name", "Figures")] == [1, 3]


@BOTH
def test_a_row_knows_its_sheet_and_columns(book: bytes, tmp_path: Path, use_fallback: bool) -> None:
    found = extract_here(tmp_path, book, "a.xlsx", use_fallback=use_fallback)
    path = found.heading_path_at(found.text.index("שלום"))
    assert path == ("Verkäufe", "Name | Date | Amount | Paid")
    assert found.heading_path_at(found.text.index("1 | 2")) == ("Figures",)


def test_a_sheet_that_makes_calamine_abort_is_read_by_the_other_reader() -> None:
    cells = '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>2</v></c></row>'
    found = SubprocessTextExtractor().extract(workbook({"Corners": cells}), "a.xlsx")
    assert found.text.startswith("Corners\n\n1\n")
    assert found.text.endswith(" | 2")
    assert len(found.text) < 200


def test_shared_rich_and_inline_texts_are_found(tmp_path: Path) -> None:
    names = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    rich = "<si><r><t>bold</t></r><r><t xml:space='preserve'> plain</t></r><rPh><t>guide</t></rPh></si>"
    cells = (
        '<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="inlineStr"><is><t>inline</t></is></c>'
        '<c r="C1" t="str"><v>result</v></c><c r="D1" t="e"><v>#DIV/0!</v></c></row>'
    )
    data = workbook({"S": cells}, sharedStrings=f"<sst {names}>{rich}</sst>")
    found = extract_here(tmp_path, data, "a.xlsx", use_fallback=True)
    assert found.text == "S\n\nbold plain | inline | result | #DIV/0!"


def test_a_workbook_of_empty_sheets_holds_no_text(tmp_path: Path) -> None:
    with pytest.raises(ExtractionError) as caught:
        extract_here(tmp_path, workbook({"A": "", "B": ""}), "a.xlsx")
    assert caught.value.code is ExtractionCode.NO_TEXT


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (5.0, "5"),
        (-0.5, "-0.5"),
        (0.1 + 0.2, "0.3"),
        (1e-5, "0.00001"),
        (1e20, "1e+20"),
        (123456789012.25, "123456789012.25"),
        (True, "TRUE"),
        (None, ""),
        (datetime(2024, 1, 1), "2024-01-01"),  # noqa: DTZ001
        (date(1999, 12, 31), "1999-12-31"),
        (time(23, 59, 1), "23:59:01"),
    ],
)
def test_values_read_as_people_write_them(value: object, text: str) -> None:
    assert readable(value) == text  # type: ignore[arg-type]


@given(st.floats(allow_nan=False, allow_infinity=False, min_value=-1e12, max_value=1e12))
def test_numbers_keep_what_a_spreadsheet_keeps_of_them(value: float) -> None:
    assert float(readable(value)) == pytest.approx(value, rel=1e-14, abs=1e-14)


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("yyyy-mm-dd", "date"),
        ("d. mmmm", "date"),
        ("mmm", "date"),
        ("[h]:mm", "time"),
        ("hh:mm:ss", "time"),
        ('0.00 "days"', ""),
        ("#,##0.00 [$EUR]", ""),
        ("[Red]0", ""),
        ("General", ""),
    ],
)
def test_a_format_code_tells_dates_from_numbers(code: str, kind: str) -> None:
    assert kind_of_code(code) == kind
