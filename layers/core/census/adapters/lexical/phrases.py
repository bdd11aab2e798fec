"""Reads a stretch of a condition between operators: its verb, and the words that become the term."""

import re
from dataclasses import dataclass

from census.adapters.lexical.words import STOP_WORDS
from census.domain.routing import UNITS


@dataclass(frozen=True)
class Phrase:
    """`verb`: whether the stretch begins with a verb of its own. `term`: the words left, possibly none.

    `derived`: the verb says more than that words occur ("restrict assignment"), which rules cannot judge.
    `having`: the verb is, or still is, one of having ("have an arbitration clause").
    """

    verb: bool
    term: str
    derived: bool
    having: bool


def _rule(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


_LEADING = _rule(
    r"^(?:(?:that|which|who|also|then|they|it|do|does|did|is|are|was|were|been|be|being|can|could|may|might|must|shall|"
    r"should|will|would|there|still|even|ever|explicitly|expressly|specifically|actually)(?![\w'’-])\s*)+"
)
_MENTION = _rule(
    r"^(?:mention(?:s|ed|ing)?|contain(?:s|ed|ing)?|includ(?:es?|ed|ing)|refer(?:s|red|ring)?\s+to|"
    r"referenc(?:es?|ed|ing)|say(?:s|ing)?|said|talk(?:s|ed|ing)?\s+(?:about|of)|discuss(?:es|ed|ing)?|"
    r"us(?:es?|ed|ing)|cit(?:es?|ed|ing)|speak(?:s|ing)?\s+of|nam(?:es?|ed|ing)|stat(?:es?|ed|ing)|about|"
    r"deal(?:s|ing)?\s+with|concern(?:s|ed|ing)?|cover(?:s|ed|ing)?|address(?:es|ed|ing)?|describ(?:es?|ed|ing)|"
    r"mention)(?![\w'’-])\s*"
)
_HAVE = _rule(
    r"^(?:ha(?:ve|s|d|ving)|with|grant(?:s|ed|ing)?|provid(?:es?|ed|ing)(?:\s+for)?|giv(?:es?|en|ing)|hold(?:s|ing)?|"
    r"carr(?:y|ies|ying)|come(?:s)?\s+with|featur(?:es?|ing))(?![\w'’-])\s*"
)
_OTHER = _rule(
    r"^(?:restrict|requir|allow|permit|prohibit|limit|cap(?!\s+on\b)|govern|expir|terminat|report|complain|ask|request|involv|"
    r"affect|need|demand|exclud|waiv|forbid|sign|impos|oblig|bind|end|renew|start|relat|escalat|resolv|caus|pay|"
    r"want|receiv|protect|assign|belong|apply|appl|offer|seek|call|regulat|enforc|guarante|disclaim|address|list|"
    r"categori[sz]|label(?:l)?|tagg|mark|agre)(?:e|es|s|ed|ing|ned|ies|ied|y|t)?(?![\w'’-])\s+(?=\S)"
)
_FILLER = _rule(
    r"^(?:(?:the|an?|any|some|our|their|its|his|her|such|these|those|of|about|on|to|by|for|from|under|at\s+least\s+one)"
    r"(?![\w'’-])\s*|(?:words?|terms?|phrases?|expressions?|keywords?|topics?)(?![\w'’-])\s*(?!of\b|and\b|or\b)(?=\S|$))+"
)
_TRAILING = _rule(
    r"(?:[\s,]+(?:at\s+least\s+once|at\s+all|anywhere|somewhere|explicitly|expressly|in\s+(?:them|it|there|(?:the|their)\s+text)|"
    r"too|please|ever|once))+$"
)
_IN_DOCUMENTS = _rule(
    rf"\s*(?:^|\b)(?:in|across|among|over|throughout|within|of|from)\s+(?:(?:all|any|each|every|of|the|these|those|our|my|your)\s+)*"
    rf"(?:{UNITS}|collection|library)$"
)
_CLAUSE = _rule(r"\s+(?:clause|provision|section|language|wording)s?$")
_PUNCTUATION = " \t\n.,;:?!\"“”‘’'"
_MOST_WORDS = 5


def read_phrase(text: str, *, having: bool = False) -> Phrase:
    """The stretch's own verb and the term left of it, without filler. The term may be empty.

    `having`: the verb before was one of having; then "an arbitration clause" is looked for as "arbitration".
    """
    rest = _LEADING.sub("", text.strip(_PUNCTUATION))
    if hit := _MENTION.match(rest):
        return Phrase(True, _bare(rest[hit.end() :]), False, False)
    if hit := _HAVE.match(rest):
        return Phrase(True, _CLAUSE.sub("", _bare(rest[hit.end() :])), False, True)
    if hit := _OTHER.match(rest):
        return Phrase(True, _noun_like(_bare(rest[hit.end() :])), True, False)
    term = _CLAUSE.sub("", _bare(rest)) if having else _bare(rest)
    return Phrase(False, term, rest != text.strip(_PUNCTUATION), having)


def _bare(text: str) -> str:
    before = None
    while text != before:
        before = text
        text = _IN_DOCUMENTS.sub("", _TRAILING.sub("", text.strip(_PUNCTUATION)))
        text = _FILLER.sub("", text).strip(_PUNCTUATION)
    return " ".join(text.split())


def _noun_like(text: str) -> str:
    """The longest run of words without a function word, where the whole is too long to stand as it is."""
    words = text.split()
    while words and words[0].lower() in STOP_WORDS:
        words = words[1:]
    if len(words) <= _MOST_WORDS:
        return " ".join(words)
    runs: list[list[str]] = [[]]
    for word in words:
        if word.lower() in STOP_WORDS:
            runs.append([])
        else:
            runs[-1].append(word)
    return max((" ".join(run) for run in runs), key=len)
