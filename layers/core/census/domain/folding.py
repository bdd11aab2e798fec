"""Folding findings in a tree of bounded nodes; and prose that may hold no figure of its own.

A node's key is the hash of all that it is made of: the step, the model's contract, its own texts and, through
them, its children. The same findings make the same tree, whatever order they came in and whoever folds them.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from census.domain.identity import sha256
from census.domain.prose_numbers import PLACEHOLDER, foreign_numbers

LABELS_A_NODE = 150
FINDINGS_A_NODE = 40
NOTES_A_NODE = 8
MOST_NODE_CHARACTERS = 12_000
"""About 3,000 tokens: a node is a small call, whatever the collection's size."""
MOST_NOTE_CHARACTERS = 1_500
MOST_LABEL_CHARACTERS = 200
MOST_THEMES = 12
OTHER = "other"


def bounded(texts: Iterable[str], most_texts: int) -> Iterator[list[str]]:
    """The texts in order, in groups of at most `most_texts` and MOST_NODE_CHARACTERS (or one text)."""
    group: list[str] = []
    size = 0
    for text in texts:
        if group and (len(group) == most_texts or size + len(text) > MOST_NODE_CHARACTERS):
            yield group
            group, size = [], 0
        group.append(text)
        size += len(text)
    if group:
        yield group


def node_key(step: str, contract: str, parts: Sequence[object]) -> str:
    """The identity of a node: 64 hexadecimal digits."""
    return sha256(json.dumps([step, contract, list(parts)], ensure_ascii=False))


def unknown_placeholders(prose: str, figures: Mapping[str, int]) -> list[str]:
    """Placeholders that stand for no figure, and braces that are none."""
    named = [name for name in PLACEHOLDER.findall(prose) if name not in figures]
    return named + re.findall(r"[{}]", PLACEHOLDER.sub("", prose))


def filled(prose: str, figures: Mapping[str, int]) -> str:
    """The prose with its figures. Raises KeyError for an unknown placeholder."""
    return PLACEHOLDER.sub(lambda hit: str(figures[hit[1]]), prose)


def without_numbers(text: str) -> str:
    """The sentences that hold no number: what of a note may be handed on."""
    kept = [part for part in re.split(r"(?<=[.!?])\s+", text) if not foreign_numbers(part)]
    return " ".join(kept)[:MOST_NOTE_CHARACTERS]
