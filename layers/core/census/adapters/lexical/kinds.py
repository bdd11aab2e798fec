"""Frames of questions that count no documents: comparisons, themes, summaries, mentions, different names."""

import re
from dataclasses import replace

from census.adapters.lexical.frames import (
    DOCUMENTS,
    ENDS_WHAT,
    NUMBER_WORDS,
    SOME,
    Grouping,
    ParsedQuestion,
    field_grouping,
    rule,
    with_unit,
)
from census.adapters.lexical.sides import read_sides
from census.domain.plan import Kind, Unit
from census.domain.routing import UNIT, UNITS

_ASKING = (
    r"^(?:please\s+|(?:can|could)\s+you\s+)?(?:(?:what|which)(?:\s+(?:is|are|were|was))?\s+|what['’]s\s+"
    r"|(?:list|show|name|find|give|tell|identify|extract)\s+(?:me\s+|us\s+)?)?(?:(?:the|our|all|any)\s+)*"
)
_THEMES = rule(
    rf"{_ASKING}(?:top\s+{SOME}\s+|(?:main|major|key|common|most\s+common|recurring|principal|overall|central|"
    r"dominant|general|frequent|most\s+frequent)\s+)*(?:themes?|topics?)\b"
    r"(?:\s+(?:that\s+|which\s+)?(?:are\s+(?:there|mentioned|discussed|raised|covered)|(?:come|comes)\s+up|recurs?|"
    r"appears?|occurs?|stand\s+out|emerges?|run\s+through|do\s+we\s+see)\b)?(?P<rest>.*)$"
)
_INTO_THEMES = rule(
    r"^(?:please\s+)?(?:group|sort|cluster|categori[sz]e|classify|organi[sz]e|put)\s+(?P<rest>.+?)\s+"
    r"(?:into|in)\s+(?:themes|topics)$"
)
_SUMMARY = rule(
    r"^(?:please\s+|(?:can|could)\s+you\s+)?(?:summari[sz]e|sum\s+up|recap"
    r"|(?:(?:give|show|write)\s+(?:me\s+|us\s+)?)?(?:(?:a|an|the)\s+)?(?:(?:short|brief|quick)\s+)?"
    r"(?:summary|overview|synopsis)\s+(?:of|over|on))\b(?P<rest>.*)$"
)
_SAYING = rule(
    rf"^(?:what|how)\s+(?:do(?:es)?\s+)?(?P<docs>{DOCUMENTS})\s+(?:say|says|state|states|provide|provides|deal|deals|"
    r"tell\s+us)(?:\s+(?:about|on|for|with))\s+(?P<what>.+)$"
)
_HOW_OFTEN = rule(
    r"^(?:how\s+(?:often|many\s+times)|(?:what\s+is\s+)?the\s+number\s+of\s+times)\s+"
    r"(?:(?:do|does|did|is|are|was|were|has|have)\s+)?(?P<rest>.+)$"
)
_SAID = rule(r"\b(?:mention|refer|us(?:e|ed)|occur|appear|cit|nam|discuss|said|stat|found|come|contain)\w*")
_MENTIONS = rule(
    rf"^(?P<list>list\s+|show\s+(?:me\s+)?|find\s+)?(?:how\s+many\s+|count\s+|(?:what\s+is\s+)?(?:the\s+)?(?:total\s+)?"
    r"number\s+of\s+)?(?:(?:all|every|each|the)\s+)*(?:mentions?|occurrences?|references|instances)\s+(?:of|to)\s+"
    rf"(?P<what>.+?)(?:\s+(?:are|is)\s+there)?(?:\s+(?:(?:are\s+)?in|across|among|over|throughout)\s+(?P<docs>{DOCUMENTS}.*))?$"
)
_DIFFERENT = r"(?:different|distinct|unique)"
_ENTITIES = rule(
    rf"^(?P<count>how\s+many\s+|count\s+(?:the\s+)?|(?:what\s+is\s+)?the\s+number\s+of\s+)?"
    rf"(?:{_ASKING[1:]})?{_DIFFERENT}\s+(?P<what>(?!(?:{UNITS}|{UNIT})\b)[\w’'-]+"
    rf"(?:\s+(?!(?:{ENDS_WHAT}|of|do|does|did|is|are|was|were|have|has|appears?|occurs?|named|mentioned)\b)"
    r"[\w’'-]+){0,3})(?P<rest>.*)$"
)
_NAMING = rule(
    r"^\s*(?:that\s+)?(?:name|mention|have|has|use|state|contain|list|cite|give|refer\s+to|show|include|specify)?s?\s*"
    r"(?:there|mentioned|named|in\s+all)?$"
)
_INSIDE = rule(rf"\b(?P<docs>(?:(?:all|our|my|the|these|those|any)\s+)*(?:{UNITS})\b.*)$")
_LEADING = rule(r"^\s*(?:of|in|across|among|over|for|from|through(?:out)?|within|:)\s+")
_AROUND = rule(r"^(?:(?:the|our|all|my)\s+)+|\s+(?:of|in|across|from|among|for|over|throughout)$")
_CLAUSE = rule(r"\s+(?:clause|provision|section|term|wording)s?$")
MENTIONS_BY = (
    "The rules count mentions over all documents together, not by groups. Ask how many documents mention it "
    "by year, or how often it is mentioned."
)


def read_kind(text: str, grouping: Grouping | None) -> ParsedQuestion | None:
    """The question by one of these frames, None where it has none; `grouping` stood at its end."""
    found = read_sides(text, grouping)
    for frame in (_themes, _summary, _how_often, _mentions, _entities):
        found = found or frame(text)
    if found and found.unit is Unit.MENTION and grouping:
        return replace(found, unsupported=MENTIONS_BY)
    return found


def _themes(text: str) -> ParsedQuestion | None:
    hit = _THEMES.match(text) or _INTO_THEMES.match(text)
    if hit is None:
        return None
    written = (hit.groupdict().get("n") or "").lower()
    limit = NUMBER_WORDS.get(written) or (int(written) if written else None)
    parsed = _about(Kind.THEMES, hit["rest"])
    return replace(parsed, limit=limit or None)


def _summary(text: str) -> ParsedQuestion | None:
    hit = _SUMMARY.match(text)
    if hit is not None:
        parsed = _about(Kind.SUMMARY, hit["rest"])
        if parsed.grouping is None or parsed.grouping.label is None:
            return parsed
        return with_unit(Kind.SUMMARY, f"have {parsed.grouping.label}")
    said = _SAYING.match(text)
    return with_unit(Kind.SUMMARY, f"mention {said['what']}") if said else None


def _about(kind: Kind, rest: str) -> ParsedQuestion:
    """Themes or a summary of what documents hold, of what they say about something, of a labelled value."""
    rest = _LEADING.sub("", rest).strip(" ,:")
    if said := _SAYING.match(rest):
        return with_unit(kind, f"mention {said['what']}")
    if not rest or re.match(rf"{DOCUMENTS}", rest, re.IGNORECASE):
        return with_unit(kind, rest)
    inside = _INSIDE.search(rest)
    what, docs = (rest[: inside.start()], inside["docs"]) if inside else (rest, "")
    what = _AROUND.sub("", what.strip(" ,"))
    parsed = with_unit(kind, docs)
    if _CLAUSE.search(what) or not re.fullmatch(r"[\w’'-]+(?:\s+[\w’'-]+){0,3}", what):
        condition = f"have {what}" + (f" and {parsed.condition}" if parsed.condition else "")
        return replace(parsed, condition=condition)
    return replace(parsed, grouping=field_grouping(what.lower()))


def _how_often(text: str) -> ParsedQuestion | None:
    hit = _HOW_OFTEN.match(text)
    if hit is None or not _SAID.search(hit["rest"]):
        return None
    parsed = with_unit(Kind.COUNT, hit["rest"], inside=True)
    return replace(parsed, unit=Unit.MENTION)


def _mentions(text: str) -> ParsedQuestion | None:
    hit = _MENTIONS.match(text)
    if hit is None:
        return None
    kind = Kind.LIST if hit["list"] else Kind.COUNT
    parsed = with_unit(kind, hit["docs"] or "")
    further = f" and {parsed.condition}" if parsed.condition else ""
    return replace(parsed, condition=f"mention {hit['what']}{further}", unit=Unit.MENTION)


def _entities(text: str) -> ParsedQuestion | None:
    hit = _ENTITIES.match(text)
    if hit is None:
        return None
    rest = hit["rest"].strip(" ,")
    inside = _INSIDE.search(rest)
    parsed = with_unit(Kind.COUNT if hit["count"] else Kind.LIST, inside["docs"] if inside else "")
    if _NAMING.match(parsed.condition):
        parsed = replace(parsed, condition="")
    return replace(parsed, grouping=field_grouping(hit["what"].lower()), unit=Unit.ENTITY)
