"""One ranking out of several whose scores cannot be compared."""

from collections.abc import Hashable, Sequence
from typing import TypeVar

# Cormack, Clarke and Büttcher (2009): 60 keeps the first ranks from outweighing agreement between rankings.
DAMPING = 60

T = TypeVar("T", bound=Hashable)


def fuse_rankings(rankings: Sequence[Sequence[T]]) -> list[T]:
    """Reciprocal rank fusion: best first, each entry once; ties keep the order in which entries were seen."""
    scores: dict[T, float] = {}
    for ranking in rankings:
        for rank, entry in enumerate(dict.fromkeys(ranking), start=1):
            scores[entry] = scores.get(entry, 0.0) + 1.0 / (DAMPING + rank)
    return sorted(scores, key=lambda entry: -scores[entry])
