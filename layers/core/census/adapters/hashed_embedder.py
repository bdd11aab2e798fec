"""The built-in embedder: hashed words and word pairs. No network, no weights, the same on every machine.

The hashing trick of Weinberger et al. (2009): a feature's hash gives its dimension and its sign, so that
collisions cancel on average. It finds passages that share words with a question; it knows no synonyms.
"""

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import lru_cache
from hashlib import blake2b
from itertools import pairwise

import Stemmer

from census.ports.embedder import Embedded

MODEL = "hashed-256-v1"
"""Change the number whenever the same text would give another vector, a new release of the stemmer included.
"""

DIMENSIONS = 256
RUN = 1_000
_STOP_WORD_WEIGHT = 0.1
_PAIR_WEIGHT = 0.5
_WORD = re.compile(r"[^\W_]+")
_UNSPACED = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3]{2,}")
# fmt: off
_STOP_WORDS = frozenset((
    "a", "an", "and", "any", "are", "as", "at", "be", "been", "but", "by", "can", "do", "does", "for",
    "from", "had", "has", "have", "how", "in", "into", "is", "it", "its", "may", "more", "no", "not",
    "of", "on", "or", "our", "other", "shall", "should", "so", "such", "than", "that", "the", "their",
    "them", "then", "there", "these", "they", "this", "those", "to", "under", "was", "we", "were",
    "what", "when", "where", "which", "who", "will", "with", "would", "you", "your",
))
# fmt: on


class HashedEmbedder:
    """An Embedder of 256 dimensions; vectors have length 1."""

    model = MODEL
    dimensions = DIMENSIONS

    def embed(self, texts: Sequence[str]) -> Embedded:
        """Free of charge. A text without a word gets the first axis, so that no vector is zero."""
        stemmer = Stemmer.Stemmer("english")  # one a call: a stemmer is not safe between threads
        return Embedded([_vector(_features(text, stemmer)) for text in texts])

    def runs(self, texts: Sequence[str]) -> Iterator[list[str]]:
        """Runs of RUN texts: nothing is saved by more."""
        return (list(texts[first : first + RUN]) for first in range(0, len(texts), RUN))


def _vector(features: dict[str, float]) -> list[float]:
    vector = [0.0] * DIMENSIONS
    for feature, weight in features.items():
        dimension, sign = _place(feature)
        vector[dimension] += sign * weight
    length = math.sqrt(math.fsum(value * value for value in vector))
    return [value / length for value in vector] if length else [1.0, *vector[1:]]


@lru_cache(maxsize=100_000)
def _place(feature: str) -> tuple[int, int]:
    """Return the dimension and sign of a feature; BLAKE2 because `hash` differs between processes."""
    number = int.from_bytes(blake2b(feature.encode(), digest_size=8).digest(), "big")
    return number % DIMENSIONS, 1 if number >> 63 else -1


def _features(text: str, stemmer: Stemmer.Stemmer) -> dict[str, float]:
    """Return the weight of each feature: its base weight, damped by the logarithm of its count."""
    words = list(_words(text))
    stems = stemmer.stemWords(words)
    telling = [stem for word, stem in zip(words, stems, strict=True) if word not in _STOP_WORDS]
    counts = Counter(stems)
    stop_stems = set(stems) - set(telling)
    features = {
        stem: (_STOP_WORD_WEIGHT if stem in stop_stems else 1.0) * (1 + math.log(count))
        for stem, count in counts.items()
    }
    pairs = Counter(f"{first} {second}" for first, second in pairwise(telling))
    return features | {pair: _PAIR_WEIGHT * (1 + math.log(count)) for pair, count in pairs.items()}


def _words(text: str) -> Iterator[str]:
    """Yield folded words; scripts that put no space between words are taken in pairs of characters."""
    for word in _WORD.findall(unicodedata.normalize("NFKC", text).casefold()):
        if _UNSPACED.fullmatch(word):
            yield from (first + second for first, second in pairwise(word))
        else:
            yield word
