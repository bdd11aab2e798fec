"""Have the model read one claimed batch, and keep only what holds.

The reply's window ids must be those sent; missing ones alone are asked again. A refusal or a reply cut short
halves the windows until the culprit stands alone. What is claimed with words that are not in the window is
read once more by the stronger model, before it is kept as unverified. Whatever fails has a reason; nothing
fails silently, and no error text ever becomes content.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

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

NONSENSE_ENOUGH = 2
SOURCE_DELETED = "deleted"
NO_TIME_LEFT = "The invocation ends before another call could."
LEFT_OUT = "The model's reply left this window out."
LONGEST_REASON = 500
PATIENT_COMEBACKS = 6
"""So often a window waits for a stronger model that is busy; then each time is an attempt: it is paid for."""


class Call(StrEnum):
    """Why a model is called next.

    A repeat asks the same of the same model once more, because a call failed. Smaller calls are none: a
    refusal or a cut reply has parted the windows, at most 2n - 1 calls for n of them. Neither is a second
    reading: it asks another model.
    """

    FIRST = "first"
    SMALLER = "smaller"
    REPEAT = "repeat"
    SECOND = "second"


MayCall = Callable[[Call], bool]
"""Asked before each call: whether it may be made, and can end before the invocation does."""


@dataclass
class BatchReading:
    """What came of a batch: readings to keep; failures that are final, that may be tried again, or that
    only have to wait because the model was busy.

    `called`: any call was made. `answered`: repeats that brought what was asked, by model.
    """

    readings: list[StoredReading] = field(default_factory=list)
    final: list[tuple[ClaimedWindow, str]] = field(default_factory=list)
    again: list[tuple[ClaimedWindow, str]] = field(default_factory=list)
    busy: list[tuple[ClaimedWindow, str]] = field(default_factory=list)
    retry_after: float | None = None
    usage: Usage = field(default_factory=Usage)
    called: bool = False
    answered: Counter[Strength] = field(default_factory=Counter)


def read_batch(
    model: LanguageModel,
    aligner: QuoteAligner,
    batch: ClaimedBatch,
    atoms: dict[str, Atom],
    may_call: MayCall = lambda _: True,
) -> BatchReading:
    """Read the windows of a batch that still lack atoms. `atoms`: those of the batch by cache key.

    Windows for which `may_call` forbids a call have to wait, as if the model were busy. Raises nothing of the
    model's.
    """
    reading = _Reader(model, aligner, atoms, may_call, batch)
    for window in batch.windows:
        if window.text is None:
            reading.found.final.append((window, SOURCE_DELETED))
    open_windows = [w for w in batch.windows if w.text is not None and not atoms.keys() <= w.known]
    if open_windows:
        reading.read(open_windows, Call.REPEAT if batch.comes_again else Call.FIRST)
    return reading.found


@dataclass
class _Reader:
    model: LanguageModel
    aligner: QuoteAligner
    atoms: dict[str, Atom]
    may_call: MayCall
    batch: ClaimedBatch
    found: BatchReading = field(default_factory=BatchReading)

    def read(self, windows: Sequence[ClaimedWindow], call: Call) -> None:
        if not self.may_call(call):
            self.found.busy += [(window, NO_TIME_LEFT) for window in windows]
        else:
            self._take_up(self._read(windows, call))

    def _read(self, windows: Sequence[ClaimedWindow], call: Call) -> list[ClaimedWindow]:
        """Ask, and keep what the reply holds; the windows it left out."""
        try:
            answers = self._ask(windows, self._lacking(windows), Strength.STANDARD, call)
        except (ModelRefusalError, ModelReplyCutError) as error:
            self._halve(windows, error)
        except ModelReplyInvalidError as error:
            if self.batch.attempts >= MAX_ATTEMPTS and len(windows) > 1:
                self._one_by_one(windows, error)
            else:
                self._failed(windows, error)
        except LanguageModelError as error:
            self._failed(windows, error)
        else:
            return self._keep(windows, answers)
        return []

    def _take_up(self, missing: Sequence[ClaimedWindow]) -> None:
        """Windows that a reply left out are asked for once more at once, and otherwise another time."""
        if missing and self.may_call(Call.REPEAT):
            missing = self._read(missing, Call.REPEAT)
        self.found.again += [(window, LEFT_OUT) for window in missing]

    def _one_by_one(self, windows: Sequence[ClaimedWindow], error: LanguageModelError) -> None:
        """The last attempt: a document that makes the model talk nonsense shall not take others with it.

        Where nothing but nonsense comes, it is the model's own; the rest is not paid for.
        """
        self.found.usage += error.usage
        for number, window in enumerate(windows):
            if number >= NONSENSE_ENOUGH and not self.found.readings:
                self.found.again.append((window, _reason(error)))
            else:
                self.read([window], Call.SMALLER)

    @property
    def _second(self) -> Call:
        """A batch that comes again may have failed at either model: both calls count as repeats."""
        return Call.REPEAT if self.batch.comes_again else Call.SECOND

    def _lacking(self, windows: Sequence[ClaimedWindow]) -> dict[str, Atom]:
        """The atoms that some window still lacks: what an earlier delivery read is not paid for again."""
        return {k: atom for k, atom in self.atoms.items() if any(k not in w.known for w in windows)}

    def _ask(
        self, windows: Sequence[ClaimedWindow], atoms: Mapping[str, Atom], strength: Strength, call: Call
    ) -> list[Mapping[str, ReadAtom]]:
        """The answers for each window, by the atom's name; none for a window that the reply left out."""
        self.found.called = True
        texts = tuple(WindowText(f"w{n}", w.heading, w.text or "") for n, w in enumerate(windows, 1))
        reply = self.model.read_windows(ReadRequest(tuple(atoms.values()), texts, strength))
        self.found.usage += reply.usage
        self.found.answered[strength] += call is Call.REPEAT and bool(reply.readings)
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
        if not self.may_call(Call.SECOND):
            self.found.busy += [(window, NO_TIME_LEFT) for window in windows]
            return False
        keys = {key for draft in drafts for key in draft.doubtful()}
        atoms = {key: atom for key, atom in self.atoms.items() if key in keys}
        try:
            answers = self._ask(windows, atoms, Strength.STRONG, self._second)
        except ModelBusyError as error:
            self._failed(windows, error, patient=self.batch.failed_calls < PATIENT_COMEBACKS)
            return False
        except ModelUnusableError as error:
            self._failed(windows, error)
            return False
        except LanguageModelError as error:
            self.found.usage += error.usage
            return True
        for draft, given in zip(drafts, answers, strict=True):
            draft.improve(atoms, given)
        return True

    def _halve(self, windows: Sequence[ClaimedWindow], error: LanguageModelError) -> None:
        self.found.usage += error.usage
        if len(windows) == 1:
            self.found.final.append((windows[0], _reason(error)))
            return
        middle = len(windows) // 2
        self.read(windows[:middle], Call.SMALLER)
        self.read(windows[middle:], Call.SMALLER)

    def _failed(
        self, windows: Iterable[ClaimedWindow], error: LanguageModelError, patient: bool = True
    ) -> None:
        """Windows of a call that failed wait for a busy model, give up on an unusable one, or try again."""
        self.found.usage += error.usage
        failures = [(window, _reason(error)) for window in windows]
        if isinstance(error, ModelBusyError):
            self.found.retry_after = max(self.found.retry_after or 0, error.retry_after or 0) or None
            (self.found.busy if patient else self.found.again).extend(failures)
        elif isinstance(error, ModelUnusableError):
            self.found.final += failures
        else:
            self.found.again += failures


def _reason(error: LanguageModelError) -> str:
    """The error as a row can hold it: it may quote what a server sent."""
    return clean_text(str(error))[:LONGEST_REASON] or type(error).__name__
