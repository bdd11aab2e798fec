"""Words: which carry meaning, their stems, their singular and plural. English only."""

import re
from collections.abc import Iterator
from functools import cache, lru_cache
from typing import Any

WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)?")

STOP_WORDS = frozenset(
    re.findall(
        r"\S+",
        """
        a about above after again all also am an and any are as at be because been before being below
        between both but by can could did do does doing done down during each either else ever every few for
        from further had has have having he her here hers him his how i if in into is it its itself just may
        me might more most much must my neither never no nor not of off on once one only or other ought our
        ours out over own per please same shall she should since so some such than that the their theirs
        them then there these they this those through to too under until up upon us very was we were what
        whatever when where whether which while who whom whose why will with within without would you your
        yours
        """,
    )
)

ABOUT_THE_TEXT = (
    "text document contract agreement file ticket page clause provision section mention contain include "
    "state say have provide refer describe discuss report explicitly"
)
"""Words that speak about a document, which it need not say itself."""

_IRREGULAR = {
    "child": "children", "person": "people", "man": "men", "woman": "women", "foot": "feet",
    "tooth": "teeth", "mouse": "mice", "analysis": "analyses", "basis": "bases", "crisis": "crises",
    "thesis": "theses", "criterion": "criteria", "half": "halves", "life": "lives", "wife": "wives",
    "knife": "knives", "shelf": "shelves", "leaf": "leaves", "appendix": "appendices",
    "index": "indices", "matrix": "matrices",
}  # fmt: skip
_IRREGULAR_SINGULARS = {plural: singular for singular, plural in _IRREGULAR.items()}
_SAME_IN_BOTH = frozenset({"news", "series", "species", "always", "perhaps"})


@lru_cache(maxsize=4096)
def number_forms(word: str) -> tuple[str, ...]:
    """The word (lower case), its singulars and their plurals by the regular rules; the word first.

    `party` → party, parties; `rights` → rights, right; `class` → class, classes. Where spelling leaves two
    singulars open (`boxes`: box, boxe) both are given: what is no word occurs in no text.
    """
    if not word[-1:].isalpha() or not word.isascii() or word in _SAME_IN_BOTH:
        return (word,)
    singulars = _singulars(word)
    plurals = [plural for singular in singulars or [word] for plural in _plurals(singular)]
    return tuple(dict.fromkeys([word, *singulars, *plurals]))


def _singulars(word: str) -> list[str]:
    if word in _IRREGULAR_SINGULARS:
        return [_IRREGULAR_SINGULARS[word]]
    if len(word) <= 3 or not word.endswith("s") or word.endswith(("ss", "us", "is")):
        return []
    if word.endswith("ies"):
        return [word[:-3] + "y", word[:-1]]
    if word.endswith(("ches", "shes", "sses", "xes", "zes", "oes")):
        return [word[:-2], word[:-1]]
    return [word[:-1]]


def _plurals(word: str) -> list[str]:
    if word in _IRREGULAR:
        return [_IRREGULAR[word]]
    if word.endswith("y") and word[-2:-1] not in "aeiou":
        return [word[:-1] + "ies"]
    if word.endswith(("s", "x", "z", "ch", "sh")):
        return [word + "es"]
    return [word + "s", word + "es"] if word.endswith("o") else [word + "s"]


def content_words(text: str) -> Iterator[str]:
    """The words that carry meaning, in lower case and order; single letters and stop words are left out."""
    for hit in WORD.finditer(text):
        word = hit[0].lower()
        if word not in STOP_WORDS and (len(word) > 1 or word.isdigit()):
            yield word


def content_stems(text: str) -> tuple[str, ...]:
    """The stems of the content words, in order, repeated ones repeated."""
    return tuple(stem(word) for word in content_words(text))


@lru_cache(maxsize=65_536)
def stem(word: str) -> str:
    """The English (Porter 2) stem of a lower-case word."""
    stemmed: str = _stemmer().stemWord(word.removesuffix("'s").removesuffix("’s"))
    return stemmed


@cache
def _stemmer() -> Any:
    import Stemmer  # here, so that a start that looks nothing up does not pay for it

    return Stemmer.Stemmer("english")
