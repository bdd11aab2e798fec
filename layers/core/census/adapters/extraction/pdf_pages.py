"""What both PDF readers share: joining pages to one text, and hyphens at the ends of lines."""

import re
from collections.abc import Sequence

from census.adapters.extraction.heading_lines import find_heading_lines
from census.domain.extracted_text import ExtractedText, clean_text
from census.domain.extraction_errors import ExtractionCode, ExtractionError

PAGE_BREAK = "\n\n"
# pdfium marks a hyphen at a line's end by U+FFFE, older ones by U+0002, and drops the line break.
_FOLDED = (("\x02", "\xad"), ("\ufffe", "\xad"), ("\xa0", " "))
_LETTER = r"[^\W\d_]"
_IN_WORD = rf"(?:{_LETTER}|\xad)"
# What is looked for stands first, what must stand before it after that: so the search is a plain one.
_BREAK = re.compile(f"\xad(?<={_LETTER}\xad)\n?(?={_LETTER})")
_LETTERS = re.compile(f"{_LETTER}+")
_LAST_LETTERS = re.compile(f"{_LETTER}+$")
_LONGEST_PART = 40
"""Letters of a word on either side of a break that are looked at."""


def join_pages(pages: Sequence[str | None], title: str | None) -> ExtractedText:
    """Join the raw texts of pages, None for one that could not be read, into one document."""
    raw = [clean_text_of_page(page or "") for page in pages]
    texts = _settle_hyphens(raw)
    if not any(text.strip() for text in texts):
        raise _no_text(pages)
    starts: list[int] = []
    offset = 0
    for text in texts:
        starts.append(offset)
        offset += len(text) + len(PAGE_BREAK)
    whole = PAGE_BREAK.join(texts)
    warnings = _warnings(pages, texts)
    name = clean_text(title or "").strip() or None
    return ExtractedText(whole, name, tuple(starts), find_heading_lines(whole), "application/pdf", warnings)


def clean_text_of_page(raw: str) -> str:
    """Clean a page but keep pdfium's marks, folded to U+00AD, for the whole document to decide on.

    Non-breaking spaces become spaces: a page has its lines already, and some printers write nothing else.
    """
    for mark, folded in _FOLDED:
        raw = raw.replace(mark, folded)
    return clean_text(raw).rstrip()


def _settle_hyphens(pages: list[str]) -> list[str]:
    """Decide for each marked hyphen whether it belongs to the word ("non-exclusive") or to the line
    ("agree-ment").

    The document itself is the dictionary: what it spells elsewhere in one piece is joined. In 60 real
    contracts all of 49 marked hyphens belonged to the word, so an unknown one is kept, unless most of the
    known ones are joined.
    """
    marked = [page for page in pages if "\xad" in page]
    if not marked:
        return pages
    words = _WordCounts("\n".join(pages))
    votes = [_vote(each, words) for page in marked for each in _BREAK.finditer(page)]
    usual = sum(votes) > 0

    def settle(found: re.Match[str]) -> str:
        vote = _vote(found, words)
        return "" if vote > 0 or (vote == 0 and usual) else "-"

    return [_BREAK.sub(settle, page).replace("\xad", "-") if "\xad" in page else page for page in pages]


class _WordCounts(dict[str, int]):
    """How often a document has a word, counted for those that are asked for: they are few."""

    def __init__(self, text: str) -> None:
        self._text = _BREAK.sub("\xad", text).lower()

    def __missing__(self, word: str) -> int:
        count = 0
        if word in self._text:
            sought = re.escape(word)
            whole = rf"{sought}(?<!{_IN_WORD}{sought})(?<!{_LETTER}-{sought})(?!-?{_IN_WORD})"
            count = len(re.findall(whole, self._text))
        self[word] = count
        return count


def _vote(found: re.Match[str], words: _WordCounts) -> int:
    """Return 1 if the document has the joined word, -1 if the hyphenated one, 0 if neither or both alike."""
    before = found.string[max(0, found.start() - _LONGEST_PART) : found.start()]
    after = found.string[found.end() : found.end() + _LONGEST_PART]
    first, second = _LAST_LETTERS.findall(before)[0].lower(), _LETTERS.findall(after)[0].lower()
    joined, hyphenated = words[first + second], words[f"{first}-{second}"]
    return (joined > hyphenated) - (joined < hyphenated)


def _warnings(pages: Sequence[str | None], texts: list[str]) -> tuple[str, ...]:
    broken = [str(number) for number, page in enumerate(pages, 1) if page is None]
    bare = sum(1 for page, text in zip(pages, texts, strict=True) if page is not None and not text)
    found = []
    if broken:
        found.append(f"Pages that could not be read: {', '.join(broken[:20])}.")
    if bare:
        found.append(f"{bare} of {len(texts)} pages hold no text (images? OCR is not included).")
    return tuple(found)


def _no_text(pages: Sequence[str | None]) -> ExtractionError:
    if not pages or all(page is None for page in pages):
        return ExtractionError(ExtractionCode.CORRUPT, "The PDF has no page that can be read. Save it anew.")
    return ExtractionError(
        ExtractionCode.NO_TEXT,
        f"The PDF has pages ({len(pages)}), but none holds text: it is probably a scan. OCR is not included; "
        "run it through an OCR program and upload the result.",
    )


def encrypted_pdf() -> ExtractionError:
    """Return the error for a PDF that needs a password."""
    return ExtractionError(
        ExtractionCode.ENCRYPTED,
        "The PDF is protected by a password. Remove the protection and upload it again.",
    )
