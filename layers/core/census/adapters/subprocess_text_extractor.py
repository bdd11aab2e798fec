"""Takes text out of untrusted files in a child process that may do what it likes, within limits.

The child is a fork of a process that stands warm (warm_readers.py). It gets no environment but where to find
its packages, and our memory is closed to it (closed_memory.py), so no credential reaches a parser.
"""

import json
import os
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from census.adapters.extraction.pdf_pages import join_pages
from census.adapters.extraction_child import ChildEnd
from census.adapters.warm_readers import WarmReaders
from census.domain.extracted_text import ExtractedText
from census.domain.extraction_errors import ArchiveFoundError, ExtractionCode, ExtractionError
from census.ports.text_recognizer import TextRecognizer

_OUTPUT_FOR_ALL_BUT_TEXT = 8 * 1024 * 1024
# A reader lives for one file. Giving memory back after each page, to fetch it anew for the next, took a third
# of its time.
_KEEP_FREED_MEMORY = "glibc.malloc.trim_threshold=268435456:glibc.malloc.mmap_threshold=33554432"


@dataclass(frozen=True)
class ExtractionLimits:
    """What one file may cost: seconds by the clock for all attempts together, the rest for each attempt.

    384 MB hold the interpreter, a parser (every one of 80 real PDFs was read within 128 MB) and 10 million
    characters, about 4,000 pages.
    """

    wall_seconds: float = 20.0
    cpu_seconds: int = 20
    memory_bytes: int = 384 * 1024 * 1024
    max_chars: int = 10_000_000


class _ChildDiedError(Exception):
    """The child ended without an answer; another parser may fare better."""

    def __init__(self, error: ExtractionError) -> None:
        super().__init__(error.message)
        self.error = error


class SubprocessTextExtractor:
    """A TextExtractor whose parsers run in a process of their own."""

    def __init__(
        self, limits: ExtractionLimits | None = None, recognizer: TextRecognizer | None = None
    ) -> None:
        """`recognizer` reads the PDFs that hold pictures only; without one they end as `no_text`."""
        self._limits = limits or ExtractionLimits()
        self._recognizer = recognizer
        self._readers = WarmReaders(child_environment)

    def close(self) -> None:
        """End the process that stands warm for the next file."""
        self._readers.close()

    def extract(self, source: Path | bytes, filename: str, content_type: str | None = None) -> ExtractedText:
        """Return the text of `source`. Raises ExtractionError.

        When the child dies or runs out of memory the file's second parser gets one try in what is left of
        the time.
        """
        deadline = time.monotonic() + self._limits.wall_seconds
        with _on_disk(source) as path:
            request = self._request(path, filename, content_type)
            try:
                return self._attempts(request, deadline)
            except ExtractionError as error:
                if error.code is not ExtractionCode.NO_TEXT or self._recognizer is None or not _is_pdf(path):
                    raise
                seconds = max(0.0, deadline - time.monotonic())
                return join_pages(self._recognizer.recognize_pages(path, seconds=seconds), None)

    def _attempts(self, request: dict[str, Any], deadline: float) -> ExtractedText:
        try:
            return self._attempt(request, deadline)
        except _ChildDiedError as death:
            return self._second_attempt(request, deadline, death.error)

    def _request(self, path: Path, filename: str, content_type: str | None) -> dict[str, Any]:
        return {
            "path": str(path),
            "filename": filename,
            "content_type": content_type,
            "use_fallback": False,
            "max_chars": self._limits.max_chars,
            "memory_bytes": self._limits.memory_bytes,
            "cpu_seconds": self._limits.cpu_seconds,
        }

    def _second_attempt(
        self, request: dict[str, Any], deadline: float, first: ExtractionError
    ) -> ExtractedText:
        try:
            return self._attempt({**request, "use_fallback": True}, deadline)
        except _ChildDiedError as death:
            raise death.error from None
        except ExtractionError as error:
            # Without a second parser the first end is the one that tells something.
            raise (first if error.code is ExtractionCode.UNSUPPORTED_TYPE else error) from None

    def _attempt(self, request: dict[str, Any], deadline: float) -> ExtractedText:
        end = self._readers.run(
            json.dumps(request).encode(),
            deadline=deadline,
            max_output=4 * self._limits.max_chars + _OUTPUT_FOR_ALL_BUT_TEXT,
        )
        self._refuse_bad_end(end)
        return _read_answer(end)

    def _refuse_bad_end(self, end: ChildEnd) -> None:
        if end.timed_out or end.status == -signal.SIGXCPU:
            seconds = f"{self._limits.wall_seconds:g}"
            raise ExtractionError(
                ExtractionCode.TIMED_OUT,
                f"Reading the file took longer than {seconds} seconds. Split it into smaller files.",
            )
        if end.overflowed:
            raise ExtractionError(
                ExtractionCode.TOO_LARGE,
                f"The file holds more than {self._limits.max_chars:,} characters of text. Split it.",
            )
        if end.status is not None and end.status < 0:
            raise _ChildDiedError(_death(-end.status))
        if end.status:
            reason = end.complaint.splitlines()[-1] if end.complaint else f"exit code {end.status}"
            raise ExtractionError(
                ExtractionCode.PARSER_CRASHED, f"The reader could not run: {reason}", retryable=True
            )


def _death(number: int) -> ExtractionError:
    """Return the error for a child that a signal ended. Only the kernel kills by SIGKILL, and for memory."""
    if number == signal.SIGKILL:
        return ExtractionError(
            ExtractionCode.OUT_OF_MEMORY, "Reading the file needs more memory than is allowed. Split it."
        )
    name = signal.Signals(number).name
    return ExtractionError(
        ExtractionCode.PARSER_CRASHED,
        f"The reader broke down on the file ({name}); it is probably damaged. Save it anew and upload that.",
    )


def _read_answer(end: ChildEnd) -> ExtractedText:
    """Return the text that the child answered with, or raise the error that it answered with."""
    try:
        answer = json.loads(end.output)
        if "extracted" in answer:
            return ExtractedText.from_json(answer["extracted"])
        error = _told_error(answer["error"])
    except (ValueError, LookupError, TypeError, RecursionError):
        raise ExtractionError(
            ExtractionCode.PARSER_CRASHED,
            "The reader gave no answer that can be used. Try again.",
            retryable=True,
        ) from None
    raise _ChildDiedError(error) if error.code is ExtractionCode.OUT_OF_MEMORY else error


def _told_error(told: dict[str, Any]) -> ExtractionError:
    if told.get("is_archive"):
        return ArchiveFoundError(str(told["message"]))
    return ExtractionError(ExtractionCode(told["code"]), str(told["message"]), retryable=told["retryable"])


def child_environment() -> dict[str, str]:
    """Hand on where packages are: in Lambda under /opt/python, on one machine in PYTHONPATH, `site` in
    neither.

    The library path is where a Python that is linked to its shared library, as Lambda's is, finds it.
    """
    places = dict.fromkeys(os.path.abspath(place) for place in sys.path if place)
    return {
        "PYTHONPATH": os.pathsep.join(places),
        "PYTHONUTF8": "1",
        "LD_LIBRARY_PATH": os.path.join(sys.base_prefix, "lib"),
        "GLIBC_TUNABLES": _KEEP_FREED_MEMORY,
    }


def _is_pdf(path: Path) -> bool:
    with path.open("rb") as file:
        return b"%PDF-" in file.read(1024)


@contextmanager
def _on_disk(source: Path | bytes) -> Iterator[Path]:
    """Yield a path that the child can open: parsers read what they need of a file, not all of it."""
    if isinstance(source, Path):
        yield source.resolve()
        return
    with tempfile.NamedTemporaryFile(prefix="census-") as file:
        file.write(source)
        file.flush()
        yield Path(file.name)
