"""JSON and JSON Lines: a line `path: value` for each value, so that names stand beside what they name."""

import json
from collections.abc import Iterator
from typing import Any

from census.adapters.extraction.decode import decode
from census.adapters.extraction.source_file import SourceFile
from census.adapters.extraction.text_builder import TextBuilder
from census.domain.extracted_text import ExtractedText, clean_text
from census.domain.extraction_errors import ExtractionCode, ExtractionError

MEDIA_TYPE, LINES_MEDIA_TYPE = "application/json", "application/x-ndjson"
_MOST_DEPTH = 200
_TOO_DEEP = "values nested more than 200 deep"


class _Pairs(list[tuple[str, Any]]):
    """The members of an object, in order, repeated names kept."""


_DECODER = json.JSONDecoder(
    object_pairs_hook=_Pairs, parse_int=str, parse_float=str, parse_constant=str
)  # numbers stay as they are written


def extract(source: SourceFile) -> ExtractedText:
    """Return the values of one JSON text, or of one JSON text a line."""
    text = clean_text(decode(source.read_text_bytes())).strip()
    out = TextBuilder(source)
    media_type = MEDIA_TYPE
    try:
        _add_record(out, _DECODER.decode(text))
    except json.JSONDecodeError as error:
        media_type = LINES_MEDIA_TYPE
        _add_lines(out, text, error)
    except RecursionError as error:
        raise _bad(_TOO_DEEP) from error
    return out.build(media_type)


def _add_lines(out: TextBuilder, text: str, error: json.JSONDecodeError) -> None:
    """Add each line as a record. `error` is what is wrong with the text as a whole."""
    whole = _bad(f"{error.msg} in line {error.lineno}, column {error.colno}")
    if "\n" not in text or error.colno != 1 or error.msg != "Extra data":
        raise whole
    for number, line in enumerate(text.split("\n"), 1):
        try:
            if line.strip():
                _add_record(out, _DECODER.decode(line))
        except (json.JSONDecodeError, RecursionError) as bad_line:
            raise _bad(f"line {number} is no JSON value") from bad_line


def _bad(what: str) -> ExtractionError:
    return ExtractionError(
        ExtractionCode.CORRUPT,
        f"The file is no valid JSON: {what}. Correct it, or name it .txt to have it read as plain text.",
    )


def _add_record(out: TextBuilder, value: Any) -> None:
    """Add one value; the items of a list at the top are records of their own, with an empty line between."""
    items = [("", value)]
    if isinstance(value, list) and not isinstance(value, _Pairs):
        items = [(f"[{index}]", item) for index, item in enumerate(value)]
    for path, item in items:
        add = out.paragraph
        for line in _lines(path, item, 0):
            add(line)
            add = out.line


def _lines(path: str, value: Any, depth: int) -> Iterator[str]:
    if depth > _MOST_DEPTH:
        raise _bad(_TOO_DEEP)
    if isinstance(value, _Pairs):
        for name, item in value:
            yield from _lines(f"{path}.{name}" if path else name, item, depth + 1)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _lines(f"{path}[{index}]", item, depth + 1)
    else:
        shown = _shown(value)
        yield f"{path}: {shown}" if path else shown


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "null" if value is None else str(value)
