"""Cutting a job's reading into batches: one message, one call to the model, at most 6,000 tokens."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

MAX_BATCH_TOKENS = 6_000
MAX_BATCH_WINDOWS = 5


@dataclass(frozen=True)
class WindowToRead:
    """A window some atoms have no result for yet. `item` is the ordinal of the content's first item.

    `alone`: a window of a long document, which is a batch of its own.
    """

    item: int
    window: int
    tokens: int
    atoms: tuple[str, ...]
    alone: bool = False


@dataclass(frozen=True)
class Batch:
    """Windows read in one call, all for the same atoms. `windows` are (item, window number) pairs."""

    ordinal: int
    windows: tuple[tuple[int, int], ...]
    atoms: tuple[str, ...]
    tokens: int

    @property
    def first_item(self) -> int:
        """The lowest item touched."""
        return min(item for item, _ in self.windows)

    @property
    def last_item(self) -> int:
        """The highest item touched."""
        return max(item for item, _ in self.windows)


def cut_batches(
    windows: Iterable[WindowToRead],
    *,
    max_tokens: int = MAX_BATCH_TOKENS,
    max_windows: int = MAX_BATCH_WINDOWS,
    first_ordinal: int = 1,
) -> list[Batch]:
    """Batches of windows that ask for the same atoms: short documents, or one window of a long one.

    Every window is in exactly one batch. A batch exceeds `max_tokens` only if it is one window that does.
    Windows of one document never share a batch: read side by side their answers would be mixed up.
    """
    ordered = sorted(windows, key=lambda w: (w.atoms, w.item, w.window))
    packed: list[list[WindowToRead]] = []
    for _, alike in groupby(ordered, key=lambda w: w.atoms):
        packed.extend(_packed(list(alike), max_tokens, max_windows))
    packed.sort(key=lambda group: (group[0].item, group[0].window))
    return [_batch(number, group) for number, group in enumerate(packed, first_ordinal)]


def _packed(windows: Sequence[WindowToRead], max_tokens: int, max_windows: int) -> list[list[WindowToRead]]:
    groups: list[list[WindowToRead]] = []
    tokens = 0
    for window in windows:
        group = groups[-1] if groups else None
        fits = (
            group is not None
            and len(group) < max_windows
            and tokens + window.tokens <= max_tokens
            and not (window.alone or group[-1].alone or window.item == group[-1].item)
        )
        if group is not None and fits:
            group.append(window)
            tokens += window.tokens
        else:
            groups.append([window])
            tokens = window.tokens
    return groups


def _batch(ordinal: int, group: Sequence[WindowToRead]) -> Batch:
    return Batch(
        ordinal=ordinal,
        windows=tuple((w.item, w.window) for w in group),
        atoms=group[0].atoms,
        tokens=sum(w.tokens for w in group),
    )
