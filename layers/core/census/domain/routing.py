"""Which way a question takes, by rules alone: look something up, read the whole collection, or count files.

A question belongs to the collection when it asks *how many documents*, *which documents*, or for figures over
them. What is counted decides: "how many contracts mention X" reads every contract, "how many days' notice
does the Acme contract require" is one fact in one contract.
"""

import re
from dataclasses import dataclass
from enum import StrEnum


class Route(StrEnum):
    """The way a question takes."""

    LOOKUP = "lookup"
    COLLECTION = "collection"
    METADATA = "metadata"
    CLARIFICATION = "clarification"


@dataclass(frozen=True)
class Routing:
    """A route, and the reason in a sentence for the person who asked."""

    route: Route
    reason: str


_SINGULAR_UNITS = (
    "document|contract|file|ticket|agreement|page|pdf|record|report|invoice|e-?mail|letter|article|case|"
    "complaint|lease|amendment|paper|note|memo|transcript|message|receipt|resume|application|claim|order|"
    "issue|review|item|source|upload|proposal|quote|statement|deed|licen[cs]e"
)
UNITS = rf"(?:(?:{_SINGULAR_UNITS})s|entries|policies|ndas|msas|dpas|bylaws)"
"""The words for documents in the plural, as a pattern. Rules cannot tell contracts from tickets."""
UNIT = rf"(?:(?:{_SINGULAR_UNITS})|entry|policy|nda|msa|dpa)"
"""The same in the singular."""

_ADJECTIVES = r"(?:(?!(?:does|do|did|is|are|was|were|has|have|the|in|of|under|for|to)\b)[\w'’-]+\s+){0,3}?"
_OWNERS = (
    r"(?:all\s+|any\s+|each\s+|every\s+|of\s+|the\s+|these\s+|those\s+|our\s+|my\s+|your\s+|different\s+)*"
)
_FIGURE = r"total|overall|sum|average|mean|median|minimum|maximum|highest|lowest|largest|smallest|biggest"
_SORT_OF_MONEY = r"amounts?|values?|prices?|costs?|sums?|totals?|fees?|spend(?:ing)?|revenues?"
_PREDICATE = (
    r"mentions?|contains?|includes?|ha(?:ve|s)|grants?|provides?|restricts?|allows?|permits?|prohibits?|"
    r"limits?|requires?|refers?|says?|talks?|discuss(?:es)?|uses?|don['’]?t|do\s+not|lacks?|are|were"
)


def _rule(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


_COLLECTION_RULES = (
    (
        _rule(rf"\bhow\s+many\s+{_OWNERS}{_ADJECTIVES}{UNITS}\b"),
        "“how many” documents can only be said after reading all of them",
    ),
    (
        _rule(rf"\b(?:in\s+)?how\s+many\s+(?:of\s+(?:them|these|those|our|the|my)\b|(?:{_PREDICATE})\b)"),
        "“how many” can only be said after reading every document",
    ),
    (
        _rule(
            rf"\b(?:count|number|share|fraction|percentage|percent|proportion)\s+(?:of\s+)?"
            rf"{_OWNERS}{_ADJECTIVES}{UNITS}\b"
        ),
        "a number of documents can only be said after reading all of them",
    ),
    (
        _rule(rf"^\W*(?:and\s+|in\s+)?(?:which|what)\s+(?:of\s+)?{_OWNERS}{_ADJECTIVES}{UNITS}\b"),
        "it asks which documents, so every one of them has to be read",
    ),
    (
        _rule(
            rf"^\W*(?:please\s+|can\s+you\s+)?(?:list|show|name|find|give|get|display|enumerate|tell)\s+"
            rf"(?:me\s+|us\s+)?{_OWNERS}{_ADJECTIVES}{UNITS}\b"
        ),
        "a list of documents is complete only when every one has been read",
    ),
    (
        _rule(
            rf"\b(?:all|every|each|any|across|among|throughout)\s+(?:(?:one\s+)?of\s+)?"
            rf"(?:the\s+|our\s+|my\s+|your\s+|these\s+|those\s+)?{_ADJECTIVES}(?:{UNITS}|them)\b"
        ),
        "it asks about all documents, so every one of them has to be read",
    ),
    (
        _rule(rf"\b(?:every|each)\s+(?:single\s+)?{UNIT}\b"),
        "it asks about every document, so each of them has to be read",
    ),
    (
        _rule(
            r"\bmost\s+(?:common|frequent|often)|\bleast\s+(?:common|frequent)|\btop\s+(?:\d+|three|five|ten)\b"
        ),
        "a ranking is right only when every document has been read",
    ),
    (
        _rule(r"\b(?:distribution|breakdown)\s+of\b|\b(?:grouped|broken\s+down|split)\s+by\b"),
        "it asks for a breakdown, so every document has to be read",
    ),
    (
        _rule(
            rf"^\W*{_OWNERS}{_ADJECTIVES}{UNITS}\s+(?:by|per|that|which|with|without|mentioning|containing)\b"
        ),
        "it asks for the documents of a kind, so every one of them has to be read",
    ),
    (
        _rule(r"\bby\s+(?:the\s+)?(?:year|month)\b(?!['’]|\s+end)"),
        "a breakdown by time needs every document",
    ),
    (
        _rule(rf"\b(?:{_FIGURE})\b.*\b{UNITS}\b"),
        "a figure over documents is right only when every one has been read",
    ),
    (
        _rule(
            rf"\b(?:19|20)\d\d\b\s*(?:vs\.?|versus|compared\s+(?:to|with))\s+(?:in\s+)?(?:19|20)\d\d\b"
            rf"|^\W*(?:please\s+|(?:can|could)\s+you\s+)?(?:compare|contrast)\b.*"
            rf"(?:\b(?:19|20)\d\d\b.*\b(?:19|20)\d\d\b|\b{UNITS}\b.*\bby\b|\bby\b.*\b{UNITS}\b)"
            rf"|^\W*how\s+do(?:es)?\s+.*\b(?:19|20)\d\d\b.*\bcompare\b"
            rf"|\b(?:more|fewer|less)\s+{UNITS}\b.*\bthan\b"
        ),
        "a comparison is right only when every document has been read",
    ),
    (
        _rule(
            rf"\b(?:themes|topics)\b.*\b{UNITS}\b|\b{UNITS}\b.*\binto\s+(?:themes|topics)\b"
            rf"|\b(?:main|common|recurring|key|major|top\s+\w+)\s+(?:themes|topics)\b(?!.*\b{UNIT}\b)"
        ),
        "themes are those of all documents, so every one of them has to be read",
    ),
    (
        _rule(
            rf"^\W*(?:please\s+|(?:can|could)\s+you\s+)?(?:summari[sz]e|sum\s+up|recap"
            rf"|(?:(?:give|show|write)\s+(?:me\s+|us\s+)?)?(?:(?:a|an|the)\s+)?(?:\w+\s+)?(?:summary|overview)\s+of)"
            rf"\b.*\b{UNITS}\b"
        ),
        "a summary of many documents needs every one of them",
    ),
    (
        _rule(
            rf"\bhow\s+(?:often|many\s+times)\b.*\b(?:mention|refer|occur|appear|cite|discuss|found|come\s+up)\w*"
            rf"(?!.*\b{UNIT}\b)|\b(?:mentions|occurrences)\s+of\b.*\b{UNITS}\b"
        ),
        "how often something is mentioned can only be said after reading every document",
    ),
    (
        _rule(
            rf"\b(?:different|distinct|unique)\s+{_ADJECTIVES}.*\b{UNITS}\b"
            rf"|^\W*(?:list|show|name)\s+(?:all\s+)?(?:the\s+)?(?:different|distinct|unique)\b(?!.*\b{UNIT}\b)"
            rf"|^\W*(?:list|count)\s+(?:all|every|each)\s+(?:mentions?|occurrences?)\b"
        ),
        "different names can be told apart only when every document has been read",
    ),
)
_BARE_FIGURE = _rule(
    rf"^\W*(?:(?:what|how\s+much)\s+(?:is|are|was|were)\s+|what['’]s\s+|give\s+me\s+|show\s+(?:me\s+)?)?"
    rf"(?:our\s+|the\s+)?(?:(?:average|mean|sum\s+of|median)\b|"
    rf"(?:{_FIGURE})\s+(?:of\s+)?(?:the\s+)?(?:[\w-]+\s+){{0,2}}(?:{_SORT_OF_MONEY})\b)"
)
_ONE_DOCUMENT = _rule(
    rf"\b(?:the|this|that|our)\s+(?:[\w&.'’-]+\s+){{0,3}}?{UNIT}\b(?!\s+(?:{_SORT_OF_MONEY}))"
    r"|\b(?:under|in|of|with|for|from|by)\s+(?-i:[A-Z])[\w&.-]+"
)
_FRAME = _rule(
    r"^\W*(?:please\s+|and\s+|can\s+you\s+)?(?:how\s+many|(?:what(?:['’]s|\s+is)\s+)?(?:the\s+)?(?:total\s+)?"
    r"number\s+of|count|list|show|name|which|what|do\s+(?:i|we|you)\s+have|give|tell|display)\b"
)
_ABOUT_FILES = frozenset(
    re.findall(
        r"\S+",
        """
        how many much what what's which is are was were has have had been the a an all any of my our
        your their me us i we you do does did can please and so far there here in this that these those
        collection library knowledge base uploaded upload added add failed fail failing pending
        processing processed completed complete ready ingested indexed stored store system total
        overall number count list show give tell name names display get got currently now still not yet
        status altogether up to for with
        """,
    )
)
"""Words that say nothing about what a document holds."""
_UNIT_WORD = _rule(rf"(?:{UNITS}|{UNIT})")
_WORD = re.compile(r"[\w'’-]+")


def route_question(question: str) -> Routing:
    """The route of a question: `metadata`, `collection` or `lookup`, with its reason. Never raises."""
    if _is_about_files(question):
        return Routing(Route.METADATA, "The question is about the files themselves, not about what they say.")
    for rule, reason in _COLLECTION_RULES:
        if rule.search(question):
            return Routing(Route.COLLECTION, f"Whole collection: {reason}.")
    if _BARE_FIGURE.search(question) and not _ONE_DOCUMENT.search(question):
        return Routing(Route.COLLECTION, "Whole collection: a figure over documents needs every one of them.")
    return Routing(
        Route.LOOKUP,
        "Look-up: it asks for a fact that a few passages can hold, not for a count or list of documents.",
    )


def _is_about_files(question: str) -> bool:
    if not _FRAME.search(question) or not re.search(rf"\b{UNITS}\b", question, re.IGNORECASE):
        return False
    words = [word.lower() for word in _WORD.findall(question)]
    return all(word in _ABOUT_FILES or _UNIT_WORD.fullmatch(word) for word in words)
