"""Plain text: the characters as they are."""

from census.adapters.extraction.decode import decode
from census.adapters.extraction.heading_lines import find_heading_lines
from census.adapters.extraction.source_file import SourceFile
from census.domain.extracted_text import ExtractedText, clean_text


def extract(source: SourceFile) -> ExtractedText:
    """Return the decoded file."""
    text = clean_text(decode(source.read_text_bytes()))
    return ExtractedText(text, None, (), find_heading_lines(text), "text/plain")
