"""Have the model read one claimed batch, and keep only what holds.

The reply's window ids must be those sent; missing ones alone are asked again. A refusal or a reply cut short
halves the windows until the culprit stands alone. What is claimed with words that are not in the window is
read once more by the stronger model, before it is kept as unverified. Whatever fails has a reason; nothing
fails silently, and no error text ever becomes content.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from census.application.read_window import WindowDraft
from census.domain.extracted_text import clean_text
from census.domain.jobs import MAX_ATTEMPTS
from census.domain.plan import Atom
from census.ports.job_store import ClaimedBatch, ClaimedWindow, StoredReading
from census.ports.language_model import (
    LanguageModel,
    LanguageModelError,
    ModelBusyError,
    ModelRefusalError,
    ModelReplyCutError,
    ModelReplyInvalidError,
    ModelUnusableError,
    ReadAtom,
    ReadRequest,
    Strength,
    Usage,
    WindowText,
)
from census.ports.quote_aligner import QuoteAligner

ASKED_AGAIN = 1
NONSENSE_ENOUGH = 2
SOURCE_DELETED = "deleted"
NO_TIME_LEFT = "The invocation ends before another call could."
LEFT_OUT = "The model's reply left this window out."
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
    reading = _Reader(model, aligner, atoms, in_time, batch.attempts >= MAX_ATTEMPTS)
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
    last_attempt: bool = False
    found: BatchReading = field(default_factory=BatchReading)

    def read(self, windows: Sequence[ClaimedWindow], again: int = ASKED_AGAIN) -> None:
        if not self.in_time():
            self.found.busy += [(window, NO_TIME_LEFT) for window in windows]
            return
        try:
            answers = self._ask(windows, self._lacking(windows), Strength.STANDARD)
        except (ModelRefusalError, ModelReplyCutError) as error:
            self._halve(windows, error)
        except ModelReplyInvalidError as error:
            if self.last_attempt and len(windows) > 1:
                self._one_by_one(windows, error)
            else:
                self._failed(windows, error)
        except LanguageModelError as error:
            self._failed(windows, error)
        else:
            missing = self._keep(windows, answers)
            self._take_up(missing, again)

    def _one_by_one(self, windows: Sequence[ClaimedWindow], error: LanguageModelError) -> None:
        """The last attempt: a document that makes the model talk nonsense shall not take others with it.

        Where nothing but nonsense comes, it is the model's own; the rest is not paid for.
        """
        self.found.usage += error.usage
        for number, window in enumerate(windows):
            if number >= NONSENSE_ENOUGH and not self.found.readings:
                self.found.again.append((window, _reason(error)))
            else:
                self.read([window])

    def _lacking(self, windows: Sequence[ClaimedWindow]) -> dict[str, Atom]:
        """The atoms that some window still lacks: what an earlier delivery read is not paid for again."""
        return {k: atom for k, atom in self.atoms.items() if any(k not in w.known for w in windows)}

    def _ask(
        self, windows: Sequence[ClaimedWindow], atoms: Mapping[str, Atom], strength: Strength
    ) -> list[Mapping[str, ReadAtom]]:
        """The answers for each window, by the atom's name; none for a window that the reply left out."""
        texts = tuple(WindowText(f"w{n}", w.heading, w.text or "") for n, w in enumerate(windows, 1))
        reply = self.model.read_windows(ReadRequest(tuple(atoms.values()), texts, strength))
        self.found.usage += reply.usage
        return [reply.readings.get(text.id, {}) for text in texts]

    def _keep(
        self, windows: Sequence[ClaimedWindow], answers: Sequence[Mapping[str, ReadAtom]]
    ) -> list[ClaimedWindow]:
        """Keep what the reply holds; the windows it left out, wholly or in part."""
        drafts = [WindowDraft(window, self.aligner) for window in windows]
        taken = [draft.take(self.atoms, given) for draft, given in zip(drafts, answers, strict=True)]
        read = [draft for draft, whole in zip(drafts, taken, strict=True) if whole]
        doubtful = [draft for draft in read if draft.doubtful()] if self.model.strong_name else []
        waiting = doubtful and not self._confirmed(doubtful)
        for draft in read:
            self.found.readings += draft.stored(proven_only=bool(waiting))
        return [window for window, whole in zip(windows, taken, strict=True) if not whole]

    def _confirmed(self, drafts: Sequence[WindowDraft]) -> bool:
        """Have the stronger model read what is in doubt, once. False when that has to happen another time.

        Where it cannot tell either, the doubt stands: the readings are kept as unverified.
        """
        windows = [draft.window for draft in drafts]
        if not self.in_time():
            self.found.busy += [(window, NO_TIME_LEFT) for window in windows]
            return False
        keys = {key for draft in drafts for key in draft.doubtful()}
        atoms = {key: atom for key, atom in self.atoms.items() if key in keys}
        try:
            answers = self._ask(windows, atoms, Strength.STRONG)
        except (ModelBusyError, ModelUnusableError) as error:
            self._failed(windows, error)
            return False
        except LanguageModelError as error:
            self.found.usage += error.usage
            return True
        for draft, given in zip(drafts, answers, strict=True):
            draft.improve(atoms, given)
        return True

    def _take_up(self, missing: Sequence[ClaimedWindow], again: int) -> None:
        if missing and again:
            self.read(missing, again - 1)
        else:
            self.found.again += [(window, LEFT_OUT) for window in missing]

    def _halve(self, windows: Sequence[ClaimedWindow], error: LanguageModelError) -> None:
        self.found.usage += error.usage
        if len(windows) == 1:
            self.found.final.append((windows[0], _reason(error)))
            return
        middle = len(windows) // 2
        self.read(windows[:middle])
        self.read(windows[middle:])

    def _failed(self, windows: Iterable[ClaimedWindow], error: LanguageModelError) -> None:
        """Windows of a call that failed wait for a busy model, give up on an unusable one, or try again."""
        self.found.usage += error.usage
        failures = [(window, _reason(error)) for window in windows]
        if isinstance(error, ModelBusyError):
            self.found.retry_after = max(self.found.retry_after or 0, error.retry_after or 0) or None
            self.found.busy += failures
        elif isinstance(error, ModelUnusableError):
            self.found.final += failures
        else:
            self.found.again += failures


def _reason(error: LanguageModelError) -> str:
    """The error as a row can hold it: it may quote what a server sent."""
    return clean_text(str(error))[:LONGEST_REASON] or type(error).__name__
