"""Markdown: the source is the text, so that quotes are found as written; headings are marked in it."""

import re
from collections.abc import Iterator

from census.adapters.extraction.decode import decode
from census.adapters.extraction.source_file import SourceFile
from census.domain.extracted_text import ExtractedText, Heading, clean_text

_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
_ATX = re.compile(r" {0,3}(#{1,6})[ \t]+(.*?)[ \t]*(?:#+[ \t]*)?$")
_SETEXT = re.compile(r" {0,3}(=+|-+)[ \t]*$")
_FRONT_MATTER = re.compile(r"---\n(.*?\n)---\n", re.DOTALL)
_TITLE = re.compile(r"^title:[ \t]*[\"']?(.*?)[\"']?[ \t]*$", re.MULTILINE)


def extract(source: SourceFile) -> ExtractedText:
    """Return the Markdown source with its headings; the title is the front matter's, else the first
    heading's.
    """
    text = clean_text(decode(source.read_text_bytes()))
    front = _FRONT_MATTER.match(text)
    headings = tuple(_headings(text, front.end() if front else 0))
    title = _TITLE.search(front.group(1)) if front else None
    top = next((heading.text for heading in headings if heading.level == 1), None)
    return ExtractedText(text, title.group(1) if title else top, (), headings, "text/markdown")


def _headings(text: str, start: int) -> Iterator[Heading]:
    fence, offset, previous = "", start, ""
    for line in text[start:].splitlines(keepends=True):
        bare = line.rstrip("\n")
        mark = _FENCE.match(bare)
        if mark and (not fence or mark.group(1).startswith(fence)):
            fence = "" if fence else mark.group(1)
        elif not fence:
            yield from _heading(bare, offset, previous)
        previous = "" if fence or mark or _ATX.match(bare) else bare
        offset += len(line)


def _heading(line: str, offset: int, previous: str) -> Iterator[Heading]:
    """Yield the heading that `line` is, or that it makes of the line before by underlining it."""
    hashes = _ATX.match(line)
    underline = _SETEXT.match(line)
    if hashes and hashes.group(2):
        yield Heading(offset, len(hashes.group(1)), hashes.group(2))
    elif underline and previous.strip() and not previous.lstrip().startswith(("- ", "* ", ">", "|")):
        yield Heading(offset - len(previous) - 1, 1 if underline.group(1)[0] == "=" else 2, previous.strip())
