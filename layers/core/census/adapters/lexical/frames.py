"""The frames of questions: how many, which, the most common, the total; and what is left of them."""

import re
from dataclasses import dataclass, field, replace

from census.domain.plan import Filters, Kind, Transform, Unit
from census.domain.routing import UNIT, UNITS

QUOTED = "[\ue000-\uf8ff]"
"""Pattern of the characters that stand for quoted phrases while a question is taken apart."""
FIRST_QUOTED = 0xE000
OWNERS = r"(?:(?:all|any|each|every|of|the|these|those|our|my|your|different|them)\s+)*"
DOCUMENTS = rf"{OWNERS}(?:[\w’'-]+\s+){{0,2}}?(?:{UNITS}|{UNIT}|collection|library)\b"
NUMBER_WORDS = {"two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "ten": 10}
SOME = rf"(?P<n>\d{{1,4}}|{'|'.join(NUMBER_WORDS)})"
_FIGURES = {
    "total": Kind.SUM, "overall": Kind.SUM, "sum": Kind.SUM,
    "average": Kind.AVG, "mean": Kind.AVG,
    "minimum": Kind.MIN, "min": Kind.MIN, "lowest": Kind.MIN, "smallest": Kind.MIN,
    "maximum": Kind.MAX, "max": Kind.MAX, "highest": Kind.MAX, "largest": Kind.MAX, "biggest": Kind.MAX,
}  # fmt: skip
ENDS_WHAT = r"(?:in|across|among|over|for|from|that|which|with|without|where|by|of\s+(?:all|the|our|my))"
_WHAT = rf"(?P<what>[\w’'-]+(?:\s+(?!(?:{ENDS_WHAT}|of\s+(?:{UNITS}))\b)[\w’'-]+){{0,4}})"
_REST = r"(?P<rest>(?:[\s,].*)?)$"
LEAD = (
    rf"^(?:(?:and\s+)?(?:what|which)\s+(?:is|are|was|were)\s+|what['’]s\s+|how\s+(?:much|high)\s+is\s+"
    rf"|(?:please\s+)?(?:give|show|tell|list|name|find)\s+(?:me\s+|us\s+)?|(?:calculate|compute)\s+"
    rf"|(?:which|what)\s+{DOCUMENTS}\s+(?:have|has|had)\s+)?(?:(?:the|our|my)\s+)?"
)


def rule(pattern: str) -> re.Pattern[str]:
    """The pattern as all rules for questions are read: upper and lower case alike, over line ends."""
    return re.compile(pattern, re.IGNORECASE | re.DOTALL)


_RANK = rule(
    rf"{LEAD}(?:(?:top|first)\s+{SOME}\s+|(?:{SOME.replace('<n>', '<m>')}\s+)?"
    rf"most\s+(?:common(?:ly\s+used)?|frequent(?:ly\s+used)?|often\s+used|popular)\s+"
    rf"(?:{SOME.replace('<n>', '<k>')}\s+)?){_WHAT}{_REST}"
)
_RANK_AFTER = rule(
    rf"^(?:which|what)\s+{_WHAT}\s+(?:is|are|was|occurs?|appears?)\s+(?:the\s+)?most\s+(?:common|frequent|often)\b{_REST}"
)
_FIGURE = rule(rf"{LEAD}(?P<figure>{'|'.join(_FIGURES)})\s+(?:of\s+)?(?:(?:the|all|our)\s+)*{_WHAT}{_REST}")
_COUNT = rule(
    r"^(?P<inside>in\s+)?(?:and\s+)?(?:how\s+many|(?:what\s+(?:is\s+|are\s+)?|what['’]s\s+|give\s+me\s+)?"
    r"(?:the\s+)?(?:total\s+)?(?:count|number|share|fraction|percentage|percent|proportion)(?:\s+of)?)\b"
    r"\s*(?P<rest>.*)$"
)
_LIST = rule(
    r"^(?:please\s+)?(?:(?P<inside>in\s+)?(?:which|what)|list|show|name|find|give|get|display|enumerate|tell|do|does|are|is)"
    r"\b\s*(?:me\s+|us\s+|there\s+)?(?P<rest>.*)$"
)
UNIT_FIRST = rule(
    rf"^{OWNERS}(?P<adjectives>(?:(?!{QUOTED})[\w’'-]+\s+){{0,2}}?)(?:{UNITS}|{UNIT}|them)\b(?P<rest>.*)$"
)


@dataclass(frozen=True)
class Grouping:
    """What to group by: a date's year or month, or a labelled field. `label` None: the first date."""

    label: str | None
    transform: Transform


@dataclass(frozen=True)
class ParsedQuestion:
    """What was asked. `condition` holds stand-ins for `quoted`; `unsupported` says what rules cannot do.

    Where themes or a summary name no grouping, they are made of the keywords of the documents.
    """

    kind: Kind
    condition: str
    quoted: tuple[str, ...] = ()
    grouping: Grouping | None = None
    measured: str | None = None
    limit: int | None = None
    adjectives: str = ""
    unsupported: str | None = None
    unit: Unit = Unit.DOCUMENT
    compare: tuple[str, ...] = ()
    filters: Filters = field(default_factory=Filters)


def named_date(label: str | None) -> str | None:
    """The label of a date, None where it names no date in particular."""
    return None if label in {None, "first date", "date", "document", "documents"} else label


def field_grouping(what: str) -> Grouping:
    """The grouping by what is named so, in lower case: `agreement year`, `effective date`, `priority`."""
    words = what.split()
    if words[-1] in {"year", "month"} and len(words) > 1:
        return Grouping(f"{' '.join(words[:-1])} date", Transform(words[-1]))
    return (
        Grouping(named_date(what), Transform.VALUE)
        if what.endswith("date")
        else Grouping(what, Transform.VALUE)
    )


def read_frame(text: str) -> ParsedQuestion:
    """The question by its opening words; one without any known opening counts documents."""
    for frame in (_ranking, _figure, _counting, _listing):
        if (parsed := frame(text)) is not None:
            return parsed
    return with_unit(Kind.COUNT, text)


def _ranking(text: str) -> ParsedQuestion | None:
    hit = _RANK.match(text) or _RANK_AFTER.match(text)
    if hit is None or re.fullmatch(rf"{UNITS}|{UNIT}", hit["what"], re.IGNORECASE):
        return None
    groups = hit.groupdict()
    written = (groups.get("n") or groups.get("m") or groups.get("k") or "10").lower()
    limit = NUMBER_WORDS.get(written) or int(written)
    grouping = field_grouping(hit["what"].lower())
    parsed = with_unit(Kind.TOP_K, hit["rest"])
    return replace(parsed, grouping=grouping, limit=min(max(limit, 1), 10_000))


def _figure(text: str) -> ParsedQuestion | None:
    hit = _FIGURE.match(text)
    if hit is None or (hit["figure"].lower() in {"total", "overall"} and hit["what"].startswith("number")):
        return None
    what = re.sub(rf"\s*\b(?:{UNITS})$", "", hit["what"], flags=re.IGNORECASE).lower()
    return replace(with_unit(_FIGURES[hit["figure"].lower()], hit["rest"]), measured=what or "amount")


def _counting(text: str) -> ParsedQuestion | None:
    hit = _COUNT.match(text)
    return with_unit(Kind.COUNT, hit["rest"], inside=bool(hit["inside"])) if hit else None


def _listing(text: str) -> ParsedQuestion | None:
    hit = _LIST.match(text)
    return with_unit(Kind.LIST, hit["rest"], inside=bool(hit["inside"])) if hit else None


def with_unit(kind: Kind, rest: str, *, inside: bool = False) -> ParsedQuestion:
    """What is left after the opening: the documents, the words before them, and their condition.

    `inside`: the condition says what happens in them ("in which documents is X mentioned").
    """
    rest = re.sub(
        r"^(?:in|of|across|among|over|for|from)\s+(?=\S)", "", rest.strip(" ,"), flags=re.IGNORECASE
    )
    hit = UNIT_FIRST.match(rest)
    adjectives, condition = (hit["adjectives"].strip(), hit["rest"]) if hit else ("", rest)
    return ParsedQuestion(kind, active(condition.strip(" ,"), inside=inside), adjectives=adjectives)


_RELATIVE = rule(
    r"^(?:(?:are|is)\s+there\b\s*|do\s+(?:we|i|you)\s+have\b\s*|exist\b\s*)?(?:in\s+(?:the|our|my|this)\s+(?:collection|library)\b\s*)?(?P<where>(?:in\s+which|where)\b)?\s*"
    r"(?:(?:that|which|who)\b)?\s*(?P<rest>.*)$"
)
_SAID_OF = rule(
    r"^(?:(?:is|are|was|were|does|do|did)\s+)?(?P<what>.+?)\s+(?:(?:is|are|was|were)\s+)?(?P<negated>not\s+|never\s+)?"
    r"(?:mentioned|used|found|named|referenced|referred\s+to|discussed|contained|included|occurs?|appears?|stated|cited)"
    r"(?:\s+in)?$"
)


def active(condition: str, *, inside: bool) -> str:
    """`where X is not mentioned` as `not mention X`; everything else as it is."""
    relative = _RELATIVE.match(condition)
    assert relative is not None, "every part of the pattern is optional"
    rest = relative["rest"]
    said = _SAID_OF.match(rest) if inside or relative["where"] or re.match(r"(?:is|are)\s", rest) else None
    if said is None or re.match(r"(?:is|are)\s+(?:not\s+)?\w+$", rest):
        return rest
    return f"{'not ' if said['negated'] else ''}mention {said['what']}"


def restore(text: str, quoted: tuple[str, ...]) -> str:
    """The text with its quoted phrases put back, in straight quotes."""
    return re.sub(QUOTED, lambda hit: f'"{quoted[ord(hit[0]) - FIRST_QUOTED]}"', text)


def quoted_index(stand_in: str) -> int:
    """Which quoted phrase a stand-in character means."""
    return ord(stand_in) - FIRST_QUOTED
