"""Takes a question apart: what is asked for, how it is grouped, and the condition that is left."""

import re
from dataclasses import replace

from census.adapters.lexical.filters import take_filters
from census.adapters.lexical.frames import (
    FIRST_QUOTED,
    OWNERS,
    QUOTED,
    Grouping,
    ParsedQuestion,
    field_grouping,
    named_date,
    read_frame,
    restore,
    rule,
)
from census.adapters.lexical.kinds import read_kind
from census.domain.plan import Kind, Transform, Unit
from census.domain.routing import UNIT, UNITS

_QUOTATION = re.compile(
    r'"([^"]{1,200})"|[“„]([^“”]{1,200})[“”]|«([^»]{1,200})»'
    r"|‘(\S(?:[^‘]{0,200}?\S)?)’(?!\w)|(?<!\w)'(\S(?:[^']{0,200}?\S)?)'(?!\w)"
)
_TAIL = re.compile(
    rf"[\s,]+(?:in|across|among|over|throughout|within|of|from)\s+(?:{OWNERS}(?:{UNITS}|collection|library)|them)\s*$",
    re.IGNORECASE,
)
_GROUPING = r"(?:grouped|group|broken\s+down|split|counted|sorted|ordered|listed|organi[sz]ed|aggregated)"
_BY_TIME = rule(
    rf"[\s,(]*(?:\b{_GROUPING}\s+)?\b(?:by|per|for\s+each|for\s+every|in\s+each|each|every)\s+(?:the\s+|calendar\s+)?"
    r"(?P<unit>year|month|quarter|week|day)s?\b(?:\s+and\s+month)?"
    r"(?:\s+of\s+(?:the\s+|their\s+|its\s+)?(?P<label>[\w’'-]+(?:\s+(?!(?:that|which|mention|have|contain|include)\b)"
    r"[\w’'-]+){0,2}))?\)?"
)
_BY_FIELD = rule(
    rf"(?:(?P<comma>\s*,)\s*|\s+|^)(?P<verb>{_GROUPING}\s+)?(?:by|per|for\s+each)\s+(?:the\s+|their\s+|its\s+)?"
    rf"(?P<what>(?!(?:{UNITS}|{UNIT})\s*$)[\w’'-]+(?:\s+(?!and\b|or\b)[\w’'-]+){{0,3}})\s*$"
)
_PASSIVE = re.compile(
    r"\b(?:\w+ed|made|given|held|written|sent|bound|signed|born|drawn|driven|taken)\s*$", re.IGNORECASE
)


def parse_question(question: str) -> ParsedQuestion:
    """The question in its parts. Any text is taken; what has no known frame is all condition."""
    text, quoted = _set_quotes_aside(question)
    text = re.sub(r"[\s?.!;:]+$", "", text).strip()
    text, filters = take_filters(text, quoted)
    text, grouping, unsupported = _take_grouping(_without_tail(text))
    parsed = read_kind(_without_tail(text), grouping) or read_frame(_without_tail(text))
    if parsed.grouping is None:
        parsed = replace(parsed, grouping=grouping)
    if parsed.grouping and parsed.kind is Kind.COUNT and parsed.unit is not Unit.ENTITY:
        parsed = replace(parsed, kind=Kind.GROUP_COUNT)
    compare = tuple(restore(side, quoted).strip('"') for side in parsed.compare)
    return replace(
        parsed,
        quoted=quoted,
        unsupported=unsupported or parsed.unsupported,
        filters=filters,
        compare=compare,
    )


def _set_quotes_aside(question: str) -> tuple[str, tuple[str, ...]]:
    quoted: list[str] = []

    def stand_in(hit: re.Match[str]) -> str:
        phrase = " ".join(next(group for group in hit.groups() if group).split()).strip(",.;: ")
        if not phrase:
            return " "
        quoted.append(phrase)
        return f" {chr(FIRST_QUOTED + len(quoted) - 1)} "

    text = _QUOTATION.sub(stand_in, re.sub(QUOTED, " ", question))
    return " ".join(text.split()).replace(" ,", ",").replace(" )", ")"), tuple(quoted)


def _without_tail(text: str) -> str:
    return _TAIL.sub("", text).strip(" ,")


def _take_grouping(text: str) -> tuple[str, Grouping | None, str | None]:
    if hit := _BY_TIME.search(text):
        left = f"{text[: hit.start()].strip(' ,')} {text[hit.end() :].strip(' ,:')}".strip()
        if hit["unit"].lower() in {"year", "month"}:
            label = hit["label"].lower() if hit["label"] else None
            return left, Grouping(named_date(label), Transform(_finest(hit))), None
        return left, None, f"Grouping by {hit['unit'].lower()} is not supported; group by year or by month."
    hit = _BY_FIELD.search(text)
    if hit is None or (_PASSIVE.search(text[: hit.start()]) and not (hit["comma"] or hit["verb"])):
        return text, None, None
    return text[: hit.start()].strip(" ,"), field_grouping(hit["what"].lower()), None


def _finest(hit: re.Match[str]) -> str:
    return "month" if "month" in hit[0].lower() else "year"
