"""Takes the text out of one file, in this process."""

from dataclasses import replace

from census.adapters.extraction.containers import unsupported
from census.adapters.extraction.detect import Detected, detect
from census.adapters.extraction.formats import format_of, load
from census.adapters.extraction.source_file import SourceFile
from census.domain.extracted_text import ExtractedText
from census.domain.extraction_errors import ExtractionCode, ExtractionError


def extract_file(source: SourceFile) -> ExtractedText:
    """Detect the type of `source` and run its parser, or that format's second parser.

    Raises ExtractionError, and whatever a parser raises on a file that it was not made for.
    """
    detected = detect(source)
    extracted = load(_module(source, detected))(source)
    if not extracted.text.strip():
        raise ExtractionError(ExtractionCode.NO_TEXT, "The file holds no text, only white space or markup.")
    if len(extracted.text) > source.max_chars:
        raise source.too_large()
    notes = [detected.warning] if detected.warning else []
    return replace(extracted, warnings=(*notes, *extracted.warnings))


def _module(source: SourceFile, detected: Detected) -> str:
    chosen = format_of(detected.media_type)
    if not source.use_fallback:
        return chosen.module
    if chosen.fallback is None and source.depth == 0:  # what died once would die again
        raise unsupported(f"{chosen.label}, which has no second reader")
    return chosen.fallback or chosen.module
