"""Takes a question apart: what is asked for, how it is grouped, and the condition that is left."""

import re
from dataclasses import dataclass, field, replace

from census.domain.plan import Kind, Transform
from census.domain.routing import UNIT, UNITS

QUOTED = "[\ue000-\uf8ff]"
"""Pattern of the characters that stand for quoted phrases while a question is taken apart."""
_FIRST_QUOTED = 0xE000

_QUOTATION = re.compile(
    r'"([^"]{1,200})"|[“„]([^“”]{1,200})[“”]|«([^»]{1,200})»'
    r"|‘(\S(?:[^‘]{0,200}?\S)?)’(?!\w)|(?<!\w)'(\S(?:[^']{0,200}?\S)?)'(?!\w)"
)
_OWNERS = r"(?:(?:all|any|each|every|of|the|these|those|our|my|your|different|them)\s+)*"
DOCUMENTS = rf"{_OWNERS}(?:[\w’'-]+\s+){{0,2}}?(?:{UNITS}|{UNIT}|collection|library)\b"
_TAIL = re.compile(
    rf"[\s,]+(?:in|across|among|over|throughout|within|of|from)\s+(?:{_OWNERS}(?:{UNITS}|collection|library)|them)\s*$",
    re.IGNORECASE,
)
_NUMBER_WORDS = {"two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "ten": 10}
_SOME = rf"(?P<n>\d{{1,4}}|{'|'.join(_NUMBER_WORDS)})"
_FIGURES = {
    "total": Kind.SUM, "overall": Kind.SUM, "sum": Kind.SUM,
    "average": Kind.AVG, "mean": Kind.AVG,
    "minimum": Kind.MIN, "min": Kind.MIN, "lowest": Kind.MIN, "smallest": Kind.MIN,
    "maximum": Kind.MAX, "max": Kind.MAX, "highest": Kind.MAX, "largest": Kind.MAX, "biggest": Kind.MAX,
}  # fmt: skip
_ENDS_WHAT = r"(?:in|across|among|over|for|from|that|which|with|without|where|by|of\s+(?:all|the|our|my))"
_WHAT = rf"(?P<what>[\w’'-]+(?:\s+(?!(?:{_ENDS_WHAT}|of\s+(?:{UNITS}))\b)[\w’'-]+){{0,4}})"
_REST = r"(?P<rest>(?:[\s,].*)?)$"
_LEAD = (
    rf"^(?:(?:and\s+)?(?:what|which)\s+(?:is|are|was|were)\s+|what['’]s\s+|how\s+(?:much|high)\s+is\s+"
    rf"|(?:please\s+)?(?:give|show|tell|list|name|find)\s+(?:me\s+|us\s+)?|(?:calculate|compute)\s+"
    rf"|(?:which|what)\s+{DOCUMENTS}\s+(?:have|has|had)\s+)?(?:(?:the|our|my)\s+)?"
)


def _rule(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE | re.DOTALL)


_RANK = _rule(
    rf"{_LEAD}(?:(?:top|first)\s+{_SOME}\s+|(?:{_SOME.replace('<n>', '<m>')}\s+)?"
    rf"most\s+(?:common(?:ly\s+used)?|frequent(?:ly\s+used)?|often\s+used|popular)\s+"
    rf"(?:{_SOME.replace('<n>', '<k>')}\s+)?){_WHAT}{_REST}"
)
_RANK_AFTER = _rule(
    rf"^(?:which|what)\s+{_WHAT}\s+(?:is|are|was|occurs?|appears?)\s+(?:the\s+)?most\s+(?:common|frequent|often)\b{_REST}"
)
_FIGURE = _rule(rf"{_LEAD}(?P<figure>{'|'.join(_FIGURES)})\s+(?:of\s+)?(?:(?:the|all|our)\s+)*{_WHAT}{_REST}")
_COUNT = _rule(
    r"^(?P<inside>in\s+)?(?:and\s+)?(?:how\s+many|(?:what\s+(?:is\s+|are\s+)?|what['’]s\s+|give\s+me\s+)?"
    r"(?:the\s+)?(?:total\s+)?(?:count|number|share|fraction|percentage|percent|proportion)(?:\s+of)?)\b"
    r"\s*(?P<rest>.*)$"
)
_LIST = _rule(
    r"^(?:please\s+)?(?:(?P<inside>in\s+)?(?:which|what)|list|show|name|find|give|get|display|enumerate|tell|do|does|are|is)"
    r"\b\s*(?:me\s+|us\s+|there\s+)?(?P<rest>.*)$"
)
_UNIT_FIRST = _rule(
    rf"^{_OWNERS}(?P<adjectives>(?:(?!{QUOTED})[\w’'-]+\s+){{0,2}}?)(?:{UNITS}|{UNIT}|them)\b(?P<rest>.*)$"
)
_GROUPING = r"(?:grouped|group|broken\s+down|split|counted|sorted|ordered|listed|organi[sz]ed|aggregated)"
_BY_TIME = _rule(
    rf"[\s,(]*(?:\b{_GROUPING}\s+)?\b(?:by|per|for\s+each|for\s+every|in\s+each|each|every)\s+(?:the\s+|calendar\s+)?"
    r"(?P<unit>year|month|quarter|week|day)s?\b(?:\s+and\s+month)?"
    r"(?:\s+of\s+(?:the\s+|their\s+|its\s+)?(?P<label>[\w’'-]+(?:\s+(?!(?:that|which|mention|have|contain|include)\b)"
    r"[\w’'-]+){0,2}))?\)?"
)
_BY_FIELD = _rule(
    rf"(?:(?P<comma>\s*,)\s*|\s+|^)(?P<verb>{_GROUPING}\s+)?(?:by|per|for\s+each)\s+(?:the\s+|their\s+|its\s+)?"
    rf"(?P<what>(?!(?:{UNITS}|{UNIT})\s*$)[\w’'-]+(?:\s+(?!and\b|or\b)[\w’'-]+){{0,3}})\s*$"
)
_PASSIVE = re.compile(
    r"\b(?:\w+ed|made|given|held|written|sent|bound|signed|born|drawn|driven|taken)\s*$", re.IGNORECASE
)


@dataclass(frozen=True)
class Grouping:
    """What to group by: a date's year or month, or a labelled field. `label` None: the first date."""

    label: str | None
    transform: Transform


@dataclass(frozen=True)
class ParsedQuestion:
    """What was asked. `condition` holds stand-ins for `quoted`; `unsupported` says what rules cannot do."""

    kind: Kind
    condition: str
    quoted: tuple[str, ...] = ()
    grouping: Grouping | None = None
    measured: str | None = None
    limit: int | None = None
    adjectives: str = ""
    unsupported: str | None = field(default=None)


def parse_question(question: str) -> ParsedQuestion:
    """The question in its parts. Any text is taken; what has no known frame is all condition."""
    text, quoted = _set_quotes_aside(question)
    text = _without_tail(re.sub(r"[\s?.!;:]+$", "", text).strip())
    text, grouping, unsupported = _take_grouping(text)
    parsed = _parse_frame(_without_tail(text))
    if parsed.grouping is None:
        parsed = replace(parsed, grouping=grouping)
    if parsed.grouping and parsed.kind is Kind.COUNT:
        parsed = replace(parsed, kind=Kind.GROUP_COUNT)
    return replace(parsed, quoted=quoted, unsupported=unsupported)


def restore(text: str, quoted: tuple[str, ...]) -> str:
    """The text with its quoted phrases put back, in straight quotes."""
    return re.sub(QUOTED, lambda hit: f'"{quoted[ord(hit[0]) - _FIRST_QUOTED]}"', text)


def quoted_index(stand_in: str) -> int:
    """Which quoted phrase a stand-in character means."""
    return ord(stand_in) - _FIRST_QUOTED


def _set_quotes_aside(question: str) -> tuple[str, tuple[str, ...]]:
    quoted: list[str] = []

    def stand_in(hit: re.Match[str]) -> str:
        phrase = " ".join(next(group for group in hit.groups() if group).split()).strip(",.;: ")
        if not phrase:
            return " "
        quoted.append(phrase)
        return f" {chr(_FIRST_QUOTED + len(quoted) - 1)} "

    text = _QUOTATION.sub(stand_in, re.sub(QUOTED, " ", question))
    return " ".join(text.split()).replace(" ,", ",").replace(" )", ")"), tuple(quoted)


def _without_tail(text: str) -> str:
    return _TAIL.sub("", text).strip(" ,")


def _take_grouping(text: str) -> tuple[str, Grouping | None, str | None]:
    if hit := _BY_TIME.search(text):
        left = f"{text[: hit.start()].strip(' ,')} {text[hit.end() :].strip(' ,:')}".strip()
        if hit["unit"].lower() in {"year", "month"}:
            label = hit["label"].lower() if hit["label"] else None
            return left, Grouping(_named_date(label), Transform(_finest(hit))), None
        return left, None, f"Grouping by {hit['unit'].lower()} is not supported; group by year or by month."
    hit = _BY_FIELD.search(text)
    if hit is None or (_PASSIVE.search(text[: hit.start()]) and not (hit["comma"] or hit["verb"])):
        return text, None, None
    return text[: hit.start()].strip(" ,"), _field_grouping(hit["what"].lower()), None


def _finest(hit: re.Match[str]) -> str:
    return "month" if "month" in hit[0].lower() else "year"


def _named_date(label: str | None) -> str | None:
    return None if label in {None, "first date", "date", "document", "documents"} else label


def _field_grouping(what: str) -> Grouping:
    words = what.split()
    if words[-1] in {"year", "month"} and len(words) > 1:
        return Grouping(f"{' '.join(words[:-1])} date", Transform(words[-1]))
    return (
        Grouping(_named_date(what), Transform.VALUE)
        if what.endswith("date")
        else Grouping(what, Transform.VALUE)
    )


def _parse_frame(text: str) -> ParsedQuestion:
    for frame in (_ranking, _figure, _counting, _listing):
        if (parsed := frame(text)) is not None:
            return parsed
    return _with_unit(Kind.COUNT, text)


def _ranking(text: str) -> ParsedQuestion | None:
    hit = _RANK.match(text) or _RANK_AFTER.match(text)
    if hit is None or re.fullmatch(rf"{UNITS}|{UNIT}", hit["what"], re.IGNORECASE):
        return None
    groups = hit.groupdict()
    written = (groups.get("n") or groups.get("m") or groups.get("k") or "10").lower()
    limit = _NUMBER_WORDS.get(written) or int(written)
    grouping = _field_grouping(hit["what"].lower())
    parsed = _with_unit(Kind.TOP_K, hit["rest"])
    return replace(parsed, grouping=grouping, limit=min(max(limit, 1), 10_000))


def _figure(text: str) -> ParsedQuestion | None:
    hit = _FIGURE.match(text)
    if hit is None or (hit["figure"].lower() in {"total", "overall"} and hit["what"].startswith("number")):
        return None
    what = re.sub(rf"\s*\b(?:{UNITS})$", "", hit["what"], flags=re.IGNORECASE).lower()
    return replace(_with_unit(_FIGURES[hit["figure"].lower()], hit["rest"]), measured=what or "amount")


def _counting(text: str) -> ParsedQuestion | None:
    hit = _COUNT.match(text)
    return _with_unit(Kind.COUNT, hit["rest"], inside=bool(hit["inside"])) if hit else None


def _listing(text: str) -> ParsedQuestion | None:
    hit = _LIST.match(text)
    return _with_unit(Kind.LIST, hit["rest"], inside=bool(hit["inside"])) if hit else None


def _with_unit(kind: Kind, rest: str, *, inside: bool = False) -> ParsedQuestion:
    rest = re.sub(
        r"^(?:in|of|across|among|over|for|from)\s+(?=\S)", "", rest.strip(" ,"), flags=re.IGNORECASE
    )
    hit = _UNIT_FIRST.match(rest)
    adjectives, condition = (hit["adjectives"].strip(), hit["rest"]) if hit else ("", rest)
    return ParsedQuestion(kind, _active(condition.strip(" ,"), inside=inside), adjectives=adjectives)


_RELATIVE = _rule(
    r"^(?:(?:are|is)\s+there\b\s*|do\s+(?:we|i|you)\s+have\b\s*|exist\b\s*)?(?:in\s+(?:the|our|my|this)\s+(?:collection|library)\b\s*)?(?P<where>(?:in\s+which|where)\b)?\s*"
    r"(?:(?:that|which|who)\b)?\s*(?P<rest>.*)$"
)
_SAID_OF = _rule(
    r"^(?:(?:is|are|was|were|does|do|did)\s+)?(?P<what>.+?)\s+(?:(?:is|are|was|were)\s+)?(?P<negated>not\s+|never\s+)?"
    r"(?:mentioned|used|found|named|referenced|referred\s+to|discussed|contained|included|occurs?|appears?|stated|cited)"
    r"(?:\s+in)?$"
)


def _active(condition: str, *, inside: bool) -> str:
    """`where X is not mentioned` as `not mention X`; everything else as it is."""
    relative = _RELATIVE.match(condition)
    assert relative is not None, "every part of the pattern is optional"
    rest = relative["rest"]
    said = _SAID_OF.match(rest) if inside or relative["where"] or re.match(r"(?:is|are)\s", rest) else None
    if said is None or re.match(r"(?:is|are)\s+(?:not\s+)?\w+$", rest):
        return rest
    return f"{'not ' if said['negated'] else ''}mention {said['what']}"
