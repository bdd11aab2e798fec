"""Folds findings by rules: themes are stems that labels share, notes are what stands first."""

from collections import Counter

from census.adapters.lexical.words import content_stems, content_words
from census.domain.folding import MOST_NOTE_CHARACTERS, without_numbers
from census.domain.prose_numbers import foreign_numbers
from census.domain.usage import Usage
from census.ports.folding import FoldReply, FoldRequest, FoldStep

QUOTES_TOLD = 3


def fold_by_rules(request: FoldRequest) -> FoldReply:
    """What rules can do: they see that words are shared, not what is meant."""
    match request.step:
        case FoldStep.DRAFT:
            return FoldReply(_themes(request.texts, request.most), usage=Usage(calls=1))
        case FoldStep.ASSIGN:
            places = tuple(_place(text, request.themes) for text in request.texts)
            return FoldReply(places=places, usage=Usage(calls=1))
        case FoldStep.NOTE | FoldStep.TELL:
            return FoldReply((_told(request.texts),), usage=Usage(calls=1))


def _themes(labels: tuple[str, ...], most: int) -> tuple[str, ...]:
    """The words whose stems the most labels share, in their commonest form; alike ranks by the alphabet."""
    shared = Counter(stem for label in labels for stem in set(content_stems(label)))
    forms: dict[str, Counter[str]] = {}
    for label in labels:
        for stem, word in zip(content_stems(label), content_words(label), strict=True):
            forms.setdefault(stem, Counter())[word] += 1
    ranked = sorted(shared, key=lambda stem: (-shared[stem], stem))
    named = (min(forms[stem], key=lambda word: (-forms[stem][word], word)) for stem in ranked)
    return tuple(name for name in named if not foreign_numbers(name))[:most]


def _place(label: str, themes: tuple[str, ...]) -> int | None:
    """The first theme all of whose stems the label holds: the themes stand in the order of their weight."""
    stems = set(content_stems(label))
    return next((n for n, theme in enumerate(themes) if set(content_stems(theme)) <= stems), None)


def _told(texts: tuple[str, ...]) -> str:
    found = [kept for text in texts if (kept := without_numbers(text))]
    return " ".join(found[:QUOTES_TOLD])[:MOST_NOTE_CHARACTERS].replace("{", "(").replace("}", ")")
