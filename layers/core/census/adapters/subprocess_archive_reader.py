"""Unpacks untrusted archives in a limited child process, which hands over one file after the other.

Implements census.ports.archive_reader.ArchiveReader. Nothing is unpacked ahead: at most one file lies on disk
and a pipe's buffer in memory.
"""

import json
import os
import select
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from census.adapters.closed_memory import close_memory
from census.adapters.extraction_child import end_group
from census.adapters.subprocess_text_extractor import child_environment
from census.domain.extracted_text import clean_text
from census.domain.extraction_errors import ExtractionCode, ExtractionError
from census.ports.archive_reader import ArchiveEntry, RefusedEntry, UnpackedEntry

MB = 1024 * 1024
_LONGEST_HEADER = 16 * 1024
_LONGEST_PATH = 1_000
_CHUNK = 256 * 1024


@dataclass(frozen=True)
class UnpackingLimits:
    """What one archive may cost; how much may come out of it, archive.ArchiveLimits says.

    The child holds a file of an archive inside an archive, and that archive: twice 100 MB.
    """

    memory_bytes: int = 384 * MB
    cpu_seconds: int = 60
    total_bytes: int = 500 * MB
    entries: int = 2_000


class SubprocessArchiveReader:
    """An ArchiveReader whose unpacking runs in a process of its own."""

    def __init__(self, limits: UnpackingLimits | None = None) -> None:
        self._limits = limits or UnpackingLimits()

    @contextmanager
    def entries(self, archive: Path, *, deadline: float) -> Iterator[Iterator[ArchiveEntry]]:
        """See the port."""
        request = {
            "path": str(archive.resolve()),
            "memory_bytes": self._limits.memory_bytes,
            "cpu_seconds": self._limits.cpu_seconds,
        }
        close_memory()
        with (
            tempfile.TemporaryDirectory(prefix="census-") as folder,
            subprocess.Popen(
                [sys.executable, "-S", "-P", "-m", "census.adapters.extraction.unpacking"],
                env=child_environment(),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            ) as process,
        ):
            try:
                _send(process, json.dumps(request).encode())
                assert process.stdout is not None
                yield _Frames(process.stdout, Path(folder) / "entry", deadline, self._limits).entries()
            finally:
                end_group(process)


def _send(process: subprocess.Popen[bytes], request: bytes) -> None:
    assert process.stdin is not None
    try:
        process.stdin.write(request)
        process.stdin.close()
    except BrokenPipeError:  # a child that died already: its missing answer tells so
        return


class _Frames:
    """The child's answer, trusted no more than the archive: a hostile one may have taken the child over."""

    def __init__(self, pipe: IO[bytes], content: Path, deadline: float, limits: UnpackingLimits) -> None:
        self._pipe = pipe.fileno()
        self._content = content
        self._deadline = deadline
        self._bytes_left = limits.total_bytes
        self._entries_left = limits.entries

    def entries(self) -> Iterator[ArchiveEntry]:
        """Read frames until the last one. Raises ExtractionError."""
        while True:
            header = self._header()
            if "end" in header:
                if header["end"] is not None:
                    raise _error(header["end"])
                return
            yield self._entry(header)

    def _header(self) -> dict[str, Any]:
        length = int.from_bytes(self._read(4))
        if length > _LONGEST_HEADER:
            raise _broken_off()
        try:
            header = json.loads(self._read(length))
        except ValueError:
            raise _broken_off() from None
        if not isinstance(header, dict):
            raise _broken_off()
        return header

    def _entry(self, header: dict[str, Any]) -> ArchiveEntry:
        path, size = header.get("path"), header.get("size")
        if not isinstance(path, str) or type(size) is not int or not 0 <= size <= self._bytes_left:
            raise _broken_off()
        self._bytes_left -= size
        self._entries_left -= 1
        if self._entries_left < 0:
            raise _broken_off()
        if "error" in header:
            return RefusedEntry(_shown(path), _error(header["error"]))
        if _shown(path) != path or path.startswith("/") or ".." in path.split("/"):
            raise _broken_off()
        self._keep(size)
        return UnpackedEntry(path, self._content, size)

    def _keep(self, size: int) -> None:
        with self._content.open("wb") as file:
            while size:
                chunk = self._some(min(size, _CHUNK))
                file.write(chunk)
                size -= len(chunk)

    def _read(self, size: int) -> bytes:
        read = bytearray()
        while len(read) < size:
            read += self._some(size - len(read))
        return bytes(read)

    def _some(self, most: int) -> bytes:
        left = self._deadline - time.monotonic()
        ready = select.select([self._pipe], [], [], left)[0] if left > 0 else []
        if not ready:
            told = "Unpacking the archive took too long. Split it into smaller archives."
            raise ExtractionError(ExtractionCode.TIMED_OUT, told)
        chunk = os.read(self._pipe, most)
        if not chunk:
            raise _broken_off()
        return chunk


def _shown(path: str) -> str:
    """A path as it may stand in a file's name."""
    return clean_text(path).replace("\n", " ")[:_LONGEST_PATH]


def _error(told: Any) -> ExtractionError:
    try:
        return ExtractionError(ExtractionCode(told["code"]), clean_text(str(told["message"]))[:1_000])
    except (ValueError, LookupError, TypeError):
        return _broken_off()


def _broken_off() -> ExtractionError:
    return ExtractionError(
        ExtractionCode.PARSER_CRASHED,
        "Unpacking the archive broke off; it is probably damaged. Pack it anew and upload that.",
    )
