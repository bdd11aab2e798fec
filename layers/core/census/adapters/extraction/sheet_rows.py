"""What both workbook readers share: a sheet as a page, a row as a line, values as people write them."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, time, timedelta
from itertools import chain

from census.adapters.extraction.text_builder import TextBuilder, row_of

Value = str | float | int | bool | date | datetime | time | timedelta | None
MOST_GAP = 20
"""Empty cells kept between two of a row: more say nothing to a reader."""
_EXACT_DIGITS = 15  # what a spreadsheet itself keeps of a number


def readable(value: Value) -> str:
    """Return a cell's value as text: whole numbers without a point, dates as ISO, no empty time of day."""
    if value is None or isinstance(value, str):
        return value or ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, (int, float)):
        return _number(float(value))
    if isinstance(value, datetime):
        midnight = value.time() == time(0)
        return value.date().isoformat() if midnight else value.isoformat(" ", "seconds")
    return value.isoformat() if isinstance(value, date) else _clock(value)


def _clock(value: time | timedelta) -> str:
    """Return a time of day, or a span that may be longer than one, as hours, minutes and seconds."""
    if isinstance(value, time):
        return value.isoformat("seconds")
    minutes, seconds = divmod(round(value.total_seconds()), 60)
    return f"{minutes // 60:02}:{minutes % 60:02}:{seconds:02}"


def _number(value: float) -> str:
    if value.is_integer() and abs(value) < 10**_EXACT_DIGITS:
        return str(int(value))
    text = f"{value:.{_EXACT_DIGITS}g}"
    return f"{value:.{_EXACT_DIGITS}f}".rstrip("0") if "e-0" in text else text


def add_sheet(out: TextBuilder, name: str, rows: Iterable[Sequence[Value]]) -> None:
    """Add one sheet: its name as a heading, then its rows; the row with the columns' names is a heading, too,
    so that each passage below knows them.
    """
    out.page()
    filled = (row for row in rows if any(value not in (None, "") for value in row))
    first = next(filled, None)
    if first is not None:  # a name alone is no content
        out.heading(name, 1)
        add_rows(out, chain((first,), filled), level=2)


def add_rows(out: TextBuilder, rows: Iterable[Sequence[Value]], *, level: int) -> None:
    """Add rows as lines; the first one is marked as a heading of `level` if it names the columns."""
    add, first = out.paragraph, True
    for row in rows:
        line = row_of(_without_gaps(row))
        if not line:
            continue
        offset = add(line)
        if first and names_columns(row):
            out.mark_heading(offset, level, line)
        add, first = out.line, False


def _without_gaps(row: Sequence[Value]) -> Iterator[str]:
    """Yield the cells of a row as text; of many empty ones between two, `MOST_GAP`."""
    gap = 0
    for value in row:
        text = readable(value)
        gap = 0 if text else gap + 1
        if gap <= MOST_GAP:
            yield text


def names_columns(row: Sequence[Value]) -> bool:
    """Tell whether a first row holds the names of columns: two or more different short texts, no numbers."""
    cells = [value for value in row if value not in (None, "")]
    texts = [cell.strip() for cell in cells if isinstance(cell, str) and not _looks_like_data(cell)]
    return (
        len(texts) == len(cells) >= 2 and len(set(texts)) == len(texts) and all(len(t) <= 60 for t in texts)
    )


def _looks_like_data(text: str) -> bool:
    return not any(character.isalpha() for character in text) or "@" in text
