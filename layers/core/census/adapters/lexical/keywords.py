"""The words a text uses most: what rules can say of what it is about."""

from collections import Counter
from collections.abc import Iterator

from census.adapters.lexical.page import Page
from census.adapters.lexical.words import ABOUT_THE_TEXT, STOP_WORDS, WORD, content_stems, stem

KEYWORD = "keyword"
"""The label of a text field that takes these words where no line `Keyword: …` states others."""
MOST_KEYWORDS = 5
SHORTEST = 4


def keywords(page: Page) -> Iterator[tuple[int, int, str]]:
    """The words whose stems stand most often, MOST_KEYWORDS at most: first place [start, end) and the word.

    It is the commonest form, in lower case. Alike ranks what stands first.
    """
    first: dict[str, tuple[int, int]] = {}
    forms: dict[str, Counter[str]] = {}
    about = frozenset(content_stems(ABOUT_THE_TEXT))
    for hit in WORD.finditer(page.text):
        word = hit[0].lower()
        if len(word) < SHORTEST or word in STOP_WORDS or not word.isalpha() or (root := stem(word)) in about:
            continue
        first.setdefault(root, hit.span())
        forms.setdefault(root, Counter())[word] += 1
    ranked = sorted(forms, key=lambda root: (-forms[root].total(), first[root]))
    for root in ranked[:MOST_KEYWORDS]:
        yield (*first[root], forms[root].most_common(1)[0][0])
