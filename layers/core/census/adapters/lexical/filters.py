"""Takes out of a question which documents it asks: tagged, added since, PDFs, web pages."""

import datetime as dt
import re

from census.adapters.lexical.frames import QUOTED, quoted_index, rule
from census.domain.plan import Filters
from census.domain.routing import UNITS

_NAME = rf"(?:{QUOTED}|[\w-]+)"
_TAGGED = rule(
    rf"[\s,]*\b(?:(?:that|which)\s+(?:are|were)\s+)?(?:tagged(?:\s+(?:as|with))?|with\s+the\s+tags?)\s+"
    rf"(?P<first>{_NAME})(?:\s+and\s+(?P<second>{QUOTED}))?"
)
_ADDED = rule(
    r"[\s,]*\b(?:(?:that|which)\s+(?:were|was)\s+|(?:that|which)\s+(?:we|i)\s+)?(?:uploaded|added)\s+"
    r"(?P<which>after|since|before|until|from|in)\s+(?P<day>(?:19|20)\d\d(?:-\d\d(?:-\d\d)?)?)(?!\w)"
)
_PDFS = rule(rf"\bpdf(?:s\b|\s+(?={UNITS}\b))")
_WEB_PAGES = rule(r"\bweb\s?pages\b")


def take_filters(text: str, quoted: tuple[str, ...]) -> tuple[str, Filters]:
    """The question without the words that choose documents, and the choice."""
    tags: tuple[str, ...] = ()
    if hit := _TAGGED.search(text):
        names = [name for name in (hit["first"], hit["second"]) if name]
        tags = tuple(_unquoted(name, quoted) for name in names)
        text = _without(text, hit)
    after, before = None, None
    while hit := _ADDED.search(text):
        first, last = _days(hit["day"])
        if first is None or last is None:
            break
        which = hit["which"].lower()
        after = {"after": last, "since": first, "from": first, "in": first}.get(which, after)
        before = {"before": first, "until": last, "in": last}.get(which, before)
        text = _without(text, hit)
    text, pdfs = _PDFS.subn(lambda found: "documents" if found[0].lower() == "pdfs" else "", text)
    text, pages = _WEB_PAGES.subn("documents", text)
    return text, Filters(
        source_kinds=("page",) if pages and not pdfs else (),
        content_types=("application/pdf",) if pdfs and not pages else (),
        tags=tags,
        added_after=after,
        added_before=before,
    )


def _unquoted(name: str, quoted: tuple[str, ...]) -> str:
    return quoted[quoted_index(name)] if re.fullmatch(QUOTED, name) else name


def _without(text: str, hit: re.Match[str]) -> str:
    return f"{text[: hit.start()]} {text[hit.end() :]}".strip()


def _days(written: str) -> tuple[str | None, str | None]:
    """The first day of a year, a month or a day, and the day after its last; None for no day at all."""
    parts = [int(part) for part in written.split("-")]
    year, month, day = (*parts, 1, 1)[:3]
    try:
        first = dt.date(year, month, day)
    except ValueError:
        return None, None
    if len(parts) == 1:
        following = dt.date(year + 1, 1, 1)
    elif len(parts) == 2:
        following = dt.date(year + month // 12, month % 12 + 1, 1)
    else:
        following = first + dt.timedelta(days=1)
    return first.isoformat(), following.isoformat()
