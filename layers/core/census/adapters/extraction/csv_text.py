"""Comma- and tab-separated values: a line a row, cells joined alike whatever the dialect."""

import csv
import io
from collections import Counter
from itertools import islice

from census.adapters.extraction.decode import decode
from census.adapters.extraction.sheet_rows import add_rows
from census.adapters.extraction.source_file import SourceFile
from census.adapters.extraction.text_builder import TextBuilder
from census.domain.extracted_text import ExtractedText, clean_text

MEDIA_TYPE = "text/csv"
_DELIMITERS = (",", ";", "\t", "|")
_SAMPLE_CHARS, _SAMPLE_ROWS = 20_000, 60
_LONGEST_CELL = 1_000_000


def extract(source: SourceFile) -> ExtractedText:
    """Return the rows of a table; the row that names the columns is the heading of all others."""
    text = clean_text(decode(source.read_text_bytes()))
    out = TextBuilder(source)
    delimiter = guess_delimiter(text, usual="\t" if _says_tabs(source) else ",")
    if text.lower().startswith("sep=") and "\n" in text[:7]:
        delimiter, text = text[4], text[text.index("\n") + 1 :]
    csv.field_size_limit(_LONGEST_CELL)
    warnings = []
    try:
        add_rows(out, csv.reader(io.StringIO(text), delimiter=delimiter), level=1)
    except csv.Error:
        out = TextBuilder(source)
        out.paragraph(text)
        warnings.append("The table's quotes do not match; it was read as plain text.")
    return out.build(MEDIA_TYPE, None, warnings)


def _says_tabs(source: SourceFile) -> bool:
    return source.filename.lower().endswith((".tsv", ".tab")) or "tab-sep" in (source.declared_type or "")


def guess_delimiter(text: str, *, usual: str = ",") -> str:
    """Return the delimiter by which the first rows fall into the same number of cells; of several the usual
    one, else the one that makes the most cells.

    Simpler than csv.Sniffer, which takes letters for delimiters and may need minutes.
    """
    sample = text[:_SAMPLE_CHARS]

    def fit(delimiter: str) -> tuple[float, bool, int]:
        share, width = _agreement(sample, delimiter)
        return share, delimiter == usual and usual == "\t", width

    return max(_DELIMITERS, key=fit)


def _agreement(sample: str, delimiter: str) -> tuple[float, int]:
    reader = csv.reader(io.StringIO(sample), delimiter=delimiter)
    try:
        rows = [row for row in islice(reader, _SAMPLE_ROWS) if row]
    except csv.Error:
        return 0.0, 0
    if len(sample) == _SAMPLE_CHARS:
        rows = rows[:-1] or rows  # the last one may be cut
    widths = Counter(len(row) for row in rows)
    width, count = max(widths.items(), key=lambda each: (each[1], each[0]), default=(1, 0))
    return (count / len(rows), width) if width > 1 else (0.0, 0)
