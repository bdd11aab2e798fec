"""Questions that set groups side by side: "compare 2019 and 2020: how many contracts mention X"."""

import re
from dataclasses import replace

from census.adapters.lexical.frames import Grouping, ParsedQuestion, field_grouping, read_frame, rule
from census.domain.plan import Kind, Transform
from census.domain.plan_references import MAX_COMPARED
from census.domain.routing import UNIT, UNITS

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            *("january jan", "february feb", "march mar", "april apr", "may", "june jun", "july jul"),
            *("august aug", "september sept sep", "october oct", "november nov", "december dec"),
        ),
        1,
    )
    for name in names.split()
}
_YEAR = r"(?:19|20)\d\d"
_SIDE = rf"(?:(?:{'|'.join(_MONTHS)})\s+)?{_YEAR}(?:-(?:0[1-9]|1[0-2])\b)?"
_JOINT = (
    r"(?:\s*,\s*(?:and\s+)?|\s*[-–—]\s*"
    r"|\s+(?:and|or|with|to|until|through|vs\.?|versus|against|than|compared\s+(?:to|with))\s+"
    r"(?:(?:the\s+)?(?:ones|those)\s+)?(?:(?:in|of|from)\s+)?(?:the\s+year\s+)?)"
)
_SIDES = rule(
    r"[\s,(]*(?:\b(?P<before>between|from|in|for|of|over|dated|signed\s+in|made\s+in)\s+)?"
    rf"(?P<years>(?:the\s+)?years?\s+)?\b(?P<sides>{_SIDE}(?:{_JOINT}{_SIDE})+)\b\)?"
)
_SPAN = rule(rf"(?P<first>{_YEAR})\s*(?P<joint>[-–—]|to|until|through)\s*(?P<last>{_YEAR})")
_OPENING = rule(r"^(?:please\s+|(?:can|could)\s+you\s+)?(?:compare|contrast)\b[\s:]*")
_HOW = rule(r"^how\s+do(?:es)?\s+(?P<before>.*?)\s*\b(?:compare|differ)\b(?P<after>.*)$")
_MORE = rule(r"^(?:did|do|does|are|were|is|was|have|has)\s+(?:there\s+)?(?:more|fewer|less)\s+(?P<rest>.*)$")
_WORD = r"(?!(?:and|with|to|vs|versus|by|against)\b)[^\s,:]+"
_NAME = rf"{_WORD}(?:\s+{_WORD}){{0,3}}?"
_NAMES = rule(
    rf"^(?:the\s+)?(?P<sides>{_NAME}(?:\s*,\s*{_NAME})*\s*,?\s+(?:and|with|to|vs\.?|versus|against)\s+{_NAME})"
    rf"(?P<rest>\s*(?::|,|$)|\s+(?:{UNITS}|{UNIT})\b)"
)
_BETWEEN_NAMES = rule(r"\s*,\s*|\s+(?:and|with|to|vs\.?|versus|against)\s+")
_BY_LABEL = rule(r"\s+by\s+(?:the\s+|their\s+)?(?P<label>[\w’'-]+(?:\s+[\w’'-]+){0,2}?)\s*(?=[:,])")
_IN_TERMS_OF = rule(
    r"^[\s:,]*(?:(?:in\s+terms\s+of|with\s+(?:respect|regard)\s+to|regarding|as\s+to|on|by|for|in)\b\s*)?"
)
BY_WHAT = (
    "By which value should they be compared? Compare years (“compare 2019 and 2020: how many contracts "
    "mention arbitration”), or values that the documents label (“compare High and Low by priority”)."
)
OF_WHAT = (
    "What should be compared? Name the words to look for, for example: "
    "compare 2019 and 2020: how many contracts mention arbitration."
)
NOT_ALIKE = "Compare years with years, or months with months; the question names both."
TOO_MANY = f"From 2 to {MAX_COMPARED} different groups can be set side by side; name fewer, or ask “by year”."


def read_sides(text: str, grouping: Grouping | None) -> ParsedQuestion | None:
    """The question with its sides, None where it compares nothing; `grouping` stood at its end."""
    opening = _OPENING.match(text)
    sides = _SIDES.search(text)
    if opening is None and (sides is None or not _sets_apart(text, sides["sides"])):
        return None
    if sides is not None:
        rest = f"{text[: sides.start()]} {text[sides.end() :]}"
        if grouping is None and (labelled := _BY_LABEL.search(rest)):
            grouping = field_grouping(labelled["label"].lower())
        return _by_time(rest, _times(sides), grouping)
    assert opening is not None, "without sides only an opening makes it a comparison"
    return _by_value(text[opening.end() :], grouping)


def _sets_apart(text: str, sides: str) -> bool:
    return bool(
        _HOW.match(text)
        or (_MORE.match(text) and re.search(r"\bthan\b", sides, re.IGNORECASE))
        or re.search(r"\b(?:vs\.?|versus|compared\s+(?:to|with))\s", sides, re.IGNORECASE)
    )


def _times(hit: re.Match[str]) -> list[str]:
    """The years (`2019`) or months (`2019-06`), in order; "the years 2018 to 2020" are three."""
    span = _SPAN.fullmatch(hit["sides"])
    runs = hit["years"] or (hit["before"] or "").lower() in {"from", "over"}
    if span and (runs or not re.fullmatch("to", span["joint"], re.IGNORECASE)):
        years = range(int(span["first"]), int(span["last"]) + 1)
        return [str(year) for year in years]
    found = re.findall(rf"{_SIDE}", hit["sides"], re.IGNORECASE)
    return list(dict.fromkeys(_iso(side.lower()) for side in found))


def _iso(side: str) -> str:
    name, _, year = side.rpartition(" ")
    return f"{year}-{_MONTHS[name.strip()]:02d}" if name else side


def _by_time(rest: str, sides: list[str], grouping: Grouping | None) -> ParsedQuestion:
    transforms = {Transform.MONTH if "-" in side else Transform.YEAR for side in sides}
    if len(transforms) > 1 or (grouping and grouping.transform is Transform.VALUE and grouping.label):
        return ParsedQuestion(Kind.COMPARE, "", unsupported=NOT_ALIKE if len(transforms) > 1 else BY_WHAT)
    if not 2 <= len(sides) <= MAX_COMPARED:
        return ParsedQuestion(Kind.COMPARE, "", unsupported=TOO_MANY)
    label = grouping.label if grouping else None
    return _asked(rest, Grouping(label, *transforms), tuple(sides))


def _by_value(text: str, grouping: Grouping | None) -> ParsedQuestion:
    if grouping is None and (labelled := _BY_LABEL.search(text)):
        grouping = Grouping(labelled["label"].lower(), Transform.VALUE)
        text = f"{text[: labelled.start()]}{text[labelled.end() :]}"
    if grouping is None:
        return ParsedQuestion(Kind.COMPARE, "", unsupported=BY_WHAT)
    named = _NAMES.match(text) if grouping.transform is Transform.VALUE else None
    if named is None:
        return _asked(text, grouping, ())
    sides = tuple(dict.fromkeys(filter(None, map(str.strip, _BETWEEN_NAMES.split(named["sides"])))))
    if not 2 <= len(sides) <= MAX_COMPARED:
        return ParsedQuestion(Kind.COMPARE, "", unsupported=TOO_MANY)
    kept = named["rest"].strip(" :,")
    rest = f"{kept} {text[named.end() :]}".strip() or "how many documents are there"
    return _asked(rest, grouping, sides)


def _asked(rest: str, grouping: Grouping, sides: tuple[str, ...]) -> ParsedQuestion:
    """What is counted of the sides; an amount is aggregated by group instead, as sides hold documents."""
    rest = _OPENING.sub("", " ".join(rest.split()).strip(" ,:"))
    if how := _HOW.match(rest) or re.match(r"^how\s+do(?:es)?\s+(?P<before>)compare\b(?P<after>.*)$", rest):
        rest = f"{how['before']} {how['after']}"
    if more := _MORE.match(rest):
        rest = more["rest"]
    rest = _IN_TERMS_OF.sub("", rest).strip(" ,:")
    if not rest:
        return ParsedQuestion(Kind.COMPARE, "", unsupported=OF_WHAT)
    parsed = replace(read_frame(rest), grouping=grouping)
    if parsed.kind.measures:
        return parsed
    return replace(parsed, kind=Kind.COMPARE, compare=sides, limit=None)
