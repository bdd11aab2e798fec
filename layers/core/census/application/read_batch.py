"""Have the model read one claimed batch, and keep only what holds.

The reply's window ids must be those sent; missing ones alone are asked again. A refusal or a reply cut short
halves the windows until the culprit stands alone. Whatever fails has a reason; nothing fails silently, and
no error text ever becomes content.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from census.application.check_reading import WindowSource, check_reading
from census.domain.extracted_text import clean_text
from census.domain.plan import Atom
from census.domain.quotes import FoldedText
from census.domain.readings import reading_to_json
from census.ports.job_store import ClaimedBatch, ClaimedWindow, StoredReading
from census.ports.language_model import (
    LanguageModel,
    LanguageModelError,
    ModelBusyError,
    ModelRefusalError,
    ModelReplyCutError,
    ModelUnusableError,
    ReadAtom,
    ReadRequest,
    Usage,
    WindowText,
)
from census.ports.quote_aligner import QuoteAligner

ASKED_AGAIN = 1
SOURCE_DELETED = "deleted"
NO_TIME_LEFT = "The invocation ends before another call could."
LONGEST_REASON = 500


@dataclass
class BatchReading:
    """What came of a batch: readings to keep; failures that are final, that may be tried again, or that
    only have to wait because the model was busy.
    """

    readings: list[StoredReading] = field(default_factory=list)
    final: list[tuple[ClaimedWindow, str]] = field(default_factory=list)
    again: list[tuple[ClaimedWindow, str]] = field(default_factory=list)
    busy: list[tuple[ClaimedWindow, str]] = field(default_factory=list)
    retry_after: float | None = None
    usage: Usage = field(default_factory=Usage)


def read_batch(
    model: LanguageModel,
    aligner: QuoteAligner,
    batch: ClaimedBatch,
    atoms: dict[str, Atom],
    in_time: Callable[[], bool] = lambda: True,
) -> BatchReading:
    """Read the windows of a batch that still lack atoms. `atoms`: those of the batch by cache key.

    `in_time` tells whether one more call can end before the invocation does; windows it forbids have to wait,
    as if the model were busy. Raises nothing of the model's.
    """
    reading = _Reader(model, aligner, atoms, in_time)
    for window in batch.windows:
        if window.text is None:
            reading.found.final.append((window, SOURCE_DELETED))
    open_windows = [w for w in batch.windows if w.text is not None and not atoms.keys() <= w.known]
    if open_windows:
        reading.read(open_windows)
    return reading.found


@dataclass
class _Reader:
    model: LanguageModel
    aligner: QuoteAligner
    atoms: dict[str, Atom]
    in_time: Callable[[], bool]
    found: BatchReading = field(default_factory=BatchReading)

    def read(self, windows: Sequence[ClaimedWindow], again: int = ASKED_AGAIN) -> None:
        if not self.in_time():
            self.found.busy += [(window, NO_TIME_LEFT) for window in windows]
            return
        try:
            missing = self._ask(windows)
        except (ModelRefusalError, ModelReplyCutError) as error:
            self._halve(windows, error)
        except ModelBusyError as error:
            self._spent(error)
            self.found.retry_after = max(self.found.retry_after or 0, error.retry_after or 0) or None
            self.found.busy += [(window, _reason(error)) for window in windows]
        except ModelUnusableError as error:
            self._spent(error)
            self.found.final += [(window, _reason(error)) for window in windows]
        except LanguageModelError as error:
            self._spent(error)
            self.found.again += [(window, _reason(error)) for window in windows]
        else:
            self._take_up(missing, again)

    def _ask(self, windows: Sequence[ClaimedWindow]) -> list[ClaimedWindow]:
        """Keep what the reply holds; the windows it left out, wholly or in part."""
        named = {f"w{number}": window for number, window in enumerate(windows, 1)}
        texts = tuple(WindowText(name, w.heading, w.text or "") for name, w in named.items())
        reply = self.model.read_windows(ReadRequest(tuple(self.atoms.values()), texts))
        self.found.usage += reply.usage
        answered = {name: reply.readings.get(name, {}) for name in named}
        return [window for name, window in named.items() if not self._keep(window, answered[name])]

    def _keep(self, window: ClaimedWindow, answers: object) -> bool:
        if not isinstance(answers, dict) or any(a.name not in answers for a in self.atoms.values()):
            return False
        source = WindowSource(FoldedText(window.text or ""), window.char_start)
        for key, atom in self.atoms.items():
            if key not in window.known:
                self.found.readings.append(self._stored(window, key, atom, answers[atom.name], source))
        return True

    def _stored(
        self, window: ClaimedWindow, key: str, atom: Atom, read: ReadAtom, source: WindowSource
    ) -> StoredReading:
        checked = check_reading(atom, read, source, self.aligner)
        return StoredReading(window.content_hash, window.window_key, key, reading_to_json(checked))

    def _take_up(self, missing: Sequence[ClaimedWindow], again: int) -> None:
        if missing and again:
            self.read(missing, again - 1)
        else:
            self.found.again += [(window, "The model's reply left this window out.") for window in missing]

    def _halve(self, windows: Sequence[ClaimedWindow], error: LanguageModelError) -> None:
        self._spent(error)
        if len(windows) == 1:
            self.found.final.append((windows[0], _reason(error)))
            return
        middle = len(windows) // 2
        self.read(windows[:middle])
        self.read(windows[middle:])

    def _spent(self, error: LanguageModelError) -> None:
        self.found.usage += error.usage


def _reason(error: LanguageModelError) -> str:
    """The error as a row can hold it: it may quote what a server sent."""
    return clean_text(str(error))[:LONGEST_REASON] or type(error).__name__
