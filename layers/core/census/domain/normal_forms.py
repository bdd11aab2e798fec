"""When two values are one: spelling rules that are safe to apply, and likenesses that are only offered.

`The State of New York.` and `new york` are one value by rule; `Delaware` and `Delawere` look like one, which
only a person can say.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache

UNKNOWN = "unknown"
MOST_COMPARED = 300
"""Groups compared with each other: the most frequent. 300 make 45,000 pairs, below half a second."""
ALIKE = 0.86
"""Of SequenceMatcher's ratio: one wrong letter in eight is alike, one in four is not."""
_SAYS_NOTHING = {"", UNKNOWN, "n/a", "not stated", "not specified", "unspecified", "not given", "null"}
_LEADING = re.compile(
    r"^(?:the |laws? of (?:the )?|(?:state|commonwealth|province|republic|kingdom) of (?:the )?)+"
)
_SUFFIXES = {"incorporated": "inc", "corporation": "corp", "limited": "ltd", "company": "co"}
_EDGES = " \t.,;:'\"“”‘’()[]"


@lru_cache(maxsize=4096)
def normal_form(value: str) -> str | None:
    """What groups the value; None where it says that there is none.

    Case, width, surrounding punctuation, `&`, leading articles and `State of`, and the long forms of company
    suffixes do not tell values apart.
    """
    folded = unicodedata.normalize("NFKC", value).casefold().replace("&", " and ").replace("’", "'")
    tidy = " ".join(folded.split()).strip(_EDGES)
    if tidy in _SAYS_NOTHING:
        return None
    words = [_SUFFIXES.get(word, word) for word in (part.strip(".,;") for part in tidy.split()) if word]
    joined = " ".join(words)
    return _LEADING.sub("", joined) or joined or tidy


@dataclass(frozen=True)
class Spelled:
    """A group: how it is shown, how often it occurs, and the other spellings that count for it."""

    norm: str
    label: str
    documents: int
    spellings: tuple[str, ...] = ()


def near_equals(groups: Sequence[Spelled]) -> list[tuple[Spelled, Spelled]]:
    """Pairs (rarer, more frequent) of groups that look like one, each rarer one once, at its likest."""
    ranked = sorted(groups, key=lambda one: (-one.documents, one.norm))[:MOST_COMPARED]
    found = []
    for place, rarer in enumerate(ranked):
        likest = max(ranked[:place], key=lambda other: _likeness(rarer.norm, other.norm), default=None)
        if likest is not None and _likeness(rarer.norm, likest.norm) >= ALIKE:
            found.append((rarer, likest))
    return found


def _likeness(left: str, right: str) -> float:
    """From 0 to 1; numbers are never alike: 2019 is not 2020, and section 5 not section 6."""
    if re.findall(r"\d+", left) != re.findall(r"\d+", right) or min(len(left), len(right)) < 4:
        return 0.0
    if set(left.split()) == set(right.split()):
        return 1.0
    if 2 * min(len(left), len(right)) / (len(left) + len(right)) < ALIKE:
        return 0.0
    matcher = SequenceMatcher(None, left, right, autojunk=False)
    return matcher.ratio() if matcher.quick_ratio() >= ALIKE else 0.0


def merge_suggestions(groups: Sequence[Spelled]) -> list[Mapping[str, object]]:
    """The near-equal pairs as people see them: `{"value", "into", "documents"}`, to be sent as `merge`."""
    return [
        {"value": rarer.label, "into": likest.label, "documents": rarer.documents}
        for rarer, likest in near_equals(groups)
    ]
