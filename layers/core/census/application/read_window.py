"""One window on its way from the model's reply to readings that can be kept."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from census.application.check_reading import WindowSource, check_reading, unproven
from census.domain.plan import Atom
from census.domain.quotes import FoldedText
from census.domain.readings import reading_to_json
from census.domain.verdicts import AtomReading
from census.ports.job_store import ClaimedWindow, StoredReading
from census.ports.language_model import ReadAtom
from census.ports.quote_aligner import QuoteAligner


@dataclass
class WindowDraft:
    """What was read of a window so far, by the cache key of the atom; checked against the window's text."""

    window: ClaimedWindow
    aligner: QuoteAligner
    readings: dict[str, AtomReading] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._source = WindowSource(FoldedText(self.window.text or ""), self.window.char_start)

    def take(self, atoms: Mapping[str, Atom], answers: Mapping[str, ReadAtom]) -> bool:
        """Check the answers to all atoms that are not known yet; False, and nothing taken, if one lacks."""
        asked = {key: atom for key, atom in atoms.items() if key not in self.window.known}
        if any(atom.name not in answers for atom in asked.values()):
            return False
        self.readings = {key: self._checked(atom, answers) for key, atom in asked.items()}
        return True

    def doubtful(self) -> list[str]:
        """The keys of the atoms for which the model claimed words that are not in the window."""
        return [key for key, reading in self.readings.items() if unproven(reading)]

    def improve(self, atoms: Mapping[str, Atom], answers: Mapping[str, ReadAtom]) -> None:
        """Put second readings in the place of doubtful ones, unless they prove even less."""
        for key in self.doubtful():
            if atoms[key].name in answers:
                second = self._checked(atoms[key], answers)
                if unproven(second) <= unproven(self.readings[key]):
                    self.readings[key] = second

    def stored(self, *, proven_only: bool = False) -> Iterator[StoredReading]:
        """The readings as rows; `proven_only` leaves out those that are still to be read again."""
        for key, reading in self.readings.items():
            if not (proven_only and unproven(reading)):
                data = reading_to_json(reading)
                yield StoredReading(self.window.content_hash, self.window.window_key, key, data)

    def _checked(self, atom: Atom, answers: Mapping[str, ReadAtom]) -> AtomReading:
        return check_reading(atom, answers[atom.name], self._source, self.aligner)
