"""Cutting a job's reading into batches: one message, one call to the model, at most 6,000 tokens."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

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


class BatchCutter:
    """Cuts windows into batches as they come, holding one open batch a set of atoms: memory stays flat.

    Windows must come in the order of items and, within one, of the text. Every window is in exactly one
    batch. A batch exceeds `max_tokens` only if it is one window that does. Windows of one document never
    share a batch: read side by side their answers would be mixed up.
    """

    def __init__(
        self,
        *,
        max_tokens: int = MAX_BATCH_TOKENS,
        max_windows: int = MAX_BATCH_WINDOWS,
        first_ordinal: int = 1,
    ) -> None:
        self._max_tokens, self._max_windows = max_tokens, max_windows
        self._next_ordinal = first_ordinal
        self._open: dict[tuple[str, ...], list[WindowToRead]] = {}

    def cut(self, windows: Iterable[WindowToRead]) -> Iterator[Batch]:
        """The batches that these windows fill."""
        for window in windows:
            group = self._open.get(window.atoms)
            if group is not None and self._fits(group, window):
                group.append(window)
                continue
            if group is not None:
                yield self._batch(group)
            self._open[window.atoms] = [window]

    def rest(self) -> Iterator[Batch]:
        """The batches that no further window will join."""
        for group in sorted(self._open.values(), key=lambda group: group[0].item):
            yield self._batch(group)
        self._open = {}

    def _fits(self, group: Sequence[WindowToRead], window: WindowToRead) -> bool:
        last = group[-1]
        return (
            len(group) < self._max_windows
            and sum(one.tokens for one in group) + window.tokens <= self._max_tokens
            and not (window.alone or last.alone or window.item == last.item)
        )

    def _batch(self, group: Sequence[WindowToRead]) -> Batch:
        self._next_ordinal += 1
        return _batch(self._next_ordinal - 1, group)


def cut_batches(
    windows: Iterable[WindowToRead],
    *,
    max_tokens: int = MAX_BATCH_TOKENS,
    max_windows: int = MAX_BATCH_WINDOWS,
    first_ordinal: int = 1,
) -> list[Batch]:
    """All batches of these windows, whatever order they come in: see BatchCutter."""
    cutter = BatchCutter(max_tokens=max_tokens, max_windows=max_windows, first_ordinal=first_ordinal)
    ordered = sorted(windows, key=lambda window: (window.item, window.window))
    return [*cutter.cut(ordered), *cutter.rest()]


def _batch(ordinal: int, group: Sequence[WindowToRead]) -> Batch:
    return Batch(
        ordinal=ordinal,
        windows=tuple((w.item, w.window) for w in group),
        atoms=group[0].atoms,
        tokens=sum(w.tokens for w in group),
    )
