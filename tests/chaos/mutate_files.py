"""Extracts thousands of mutated files: no crash, no hang, no growth, nothing but texts and typed errors.

    python -m tests.chaos.mutate_files [--files 20000] [--seed 1] [--jobs 2] [--keep FOLDER]

Exits with 1, and says which seeds and numbers, if any file did harm.
"""

import argparse
import resource
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from census.adapters.subprocess_text_extractor import ExtractionLimits, SubprocessTextExtractor
from census.domain.extraction_errors import ExtractionCode, ExtractionError
from tests.chaos.mutations import mutate, seed_of
from tests.chaos.seeds import seeds

WALL_SECONDS = 10.0
GRACE_SECONDS = 3.0
_LINE_EVERY_SECONDS = 5.0


@dataclass(frozen=True)
class Outcome:
    """How one file ended. `harm` says what must not be; `note` is what a parser stumbled over, if it did."""

    filename: str
    number: int
    end: str
    seconds: float
    harm: str = ""
    note: str = ""


@dataclass
class Summary:
    """What became of all files."""

    ends: Counter[tuple[str, str]] = field(default_factory=Counter)
    notes: Counter[str] = field(default_factory=Counter)
    harms: list[Outcome] = field(default_factory=list)
    slowest: Outcome = Outcome("", 0, "", 0.0)

    def add(self, outcome: Outcome) -> None:
        """Count one file."""
        self.ends[outcome.filename, outcome.end] += 1
        if outcome.note:
            self.notes[f"{outcome.filename}: {outcome.note} (first: number {outcome.number})"[:200]] += 1
        if outcome.harm:
            self.harms.append(outcome)
        self.slowest = max(self.slowest, outcome, key=lambda each: each.seconds)


def run(files: int, seed: int, jobs: int, keep: Path | None = None) -> Iterator[Outcome]:
    """Yield how each of `files` mutated files ended."""
    extractor = SubprocessTextExtractor(ExtractionLimits(wall_seconds=WALL_SECONDS, cpu_seconds=10))
    sound = sorted(seeds().items())

    def one(number: int) -> Outcome:
        filename, data = sound[number % len(sound)]
        mutated = mutate(data, seed_of(filename, number, seed))
        outcome = extract(extractor, filename, number, mutated)
        if keep is not None and (outcome.harm or outcome.note):
            (keep / f"{number}-{filename}").write_bytes(mutated)
        return outcome

    with ThreadPoolExecutor(jobs) as pool:
        yield from pool.map(one, range(files))
    extractor.close()  # only then does the system tell how large its readers became


def extract(extractor: SubprocessTextExtractor, filename: str, number: int, data: bytes) -> Outcome:
    """Extract one file and judge the end."""
    started, harm, note = time.monotonic(), "", ""
    try:
        found = extractor.extract(data, filename)
        end = "text"
        harm = "" if found.text.strip() else "a text of nothing"
    except ExtractionError as error:
        end = error.code
        harm = "retryable, though nothing but the file is wrong" if error.retryable else ""
        note = error.message if error.code is ExtractionCode.PARSER_CRASHED else ""
    except Exception as error:  # noqa: BLE001 - the very thing that must not be
        end, harm = "untyped", repr(error)
    seconds = time.monotonic() - started
    if seconds > WALL_SECONDS + GRACE_SECONDS:
        harm = harm or f"took {seconds:.1f} s"
    return Outcome(filename, number, end, seconds, harm, note)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run and report; return the exit code."""
    parser = argparse.ArgumentParser(description="Extract mutated files.")
    parser.add_argument("--files", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--keep", type=Path, help="folder for the files that did harm or crashed a parser")
    chosen = parser.parse_args(arguments)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    summary, started, said = Summary(), time.monotonic(), 0.0
    for done, outcome in enumerate(run(chosen.files, chosen.seed, chosen.jobs, chosen.keep), 1):
        summary.add(outcome)
        if time.monotonic() - said > _LINE_EVERY_SECONDS:
            said = time.monotonic()
            _say(f"{done:,} of {chosen.files:,} files, {done / (said - started):.0f} a second")
    _report(summary, before)
    return 1 if summary.harms else 0


def _report(summary: Summary, before: int) -> None:
    for (filename, end), count in sorted(summary.ends.items()):
        _say(f"{filename:8} {end:18} {count:6,}")
    for note, count in summary.notes.most_common(20):
        _say(f"{count:6,} × {note}")
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    largest = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    _say(f"This process grew by {grown:.0f} MB; the largest child had {largest:.0f} MB.")
    _say(f"The slowest took {summary.slowest.seconds:.1f} s: number {summary.slowest.number}.")
    for outcome in summary.harms:
        _say(f"HARM: number {outcome.number}, {outcome.filename}: {outcome.harm}")


def _say(line: str) -> None:
    sys.stderr.write(line + "\n")


if __name__ == "__main__":
    sys.exit(main())
