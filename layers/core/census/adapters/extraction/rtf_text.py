"""RTF through striprtf, with its table rows laid out as everywhere else."""

import re

from striprtf.striprtf import rtf_to_text

from census.adapters.extraction.heading_lines import find_heading_lines
from census.adapters.extraction.source_file import SourceFile
from census.adapters.extraction.text_builder import row_of
from census.domain.extracted_text import ExtractedText, clean_text
from census.domain.extraction_errors import ExtractionCode, ExtractionError

MEDIA_TYPE = "application/rtf"
_ROW = re.compile(r"^.*\|$", re.MULTILINE)
_TITLE = re.compile(r"\{\\title ([^\\{}]{1,300})\}")
_NOTE = re.compile(r"\{\\footnote(?![a-z])")
_BRACE = re.compile(r"\\.|[{}]", re.DOTALL)  # an escaped brace is none
_BLANK_LINES = re.compile(r"\n[ \t]*(?:\n[ \t]*){2,}")


def extract(source: SourceFile) -> ExtractedText:
    """Return the text of an RTF document."""
    raw = source.read_bytes().decode("cp1252", errors="replace")
    try:
        found = rtf_to_text(_with_notes_last(raw), errors="replace")  # type: ignore[no-untyped-call]
    except (ValueError, LookupError, OverflowError) as error:
        raise ExtractionError(
            ExtractionCode.CORRUPT, "The RTF document is damaged. Save it anew and upload that."
        ) from error
    lines = clean_text(_whole(found)).replace("\xa0", " ")
    rows = _ROW.sub(lambda match: row_of(match.group().split("|")), lines)
    text = _BLANK_LINES.sub("\n\n", rows).strip("\n")
    if len(text) > source.max_chars:
        raise source.too_large()
    title = _TITLE.search(raw[:20_000])
    name = clean_text(title.group(1)).strip() if title else ""
    return ExtractedText(text, name or None, (), find_heading_lines(text), MEDIA_TYPE)


def _with_notes_last(raw: str) -> str:
    """Move foot- and endnotes, which the parser leaves out, to the end: a note cuts no sentence."""
    rest, notes, done = [], [], 0
    while (note := _NOTE.search(raw, done)) is not None:
        end = _end_of_group(raw, note.start())
        if end is None:
            break
        rest.append(raw[done : note.start()])
        notes.append("{\\par " + raw[note.end() : end])
        done = end
    rest.append(raw[done:])
    body, brace, after = "".join(rest).rpartition("}")
    return body + "".join(notes) + brace + after


def _end_of_group(raw: str, start: int) -> int | None:
    """Return where the group that opens at `start` has closed, None if it never does."""
    depth = 0
    for brace in _BRACE.finditer(raw, start):
        depth += {"{": 1, "}": -1}.get(brace.group(), 0)
        if depth == 0:
            return brace.end()
    return None


def _whole(text: str) -> str:
    """Join surrogates: RTF writes a character beyond U+FFFF as two, and so the parser returns it."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
