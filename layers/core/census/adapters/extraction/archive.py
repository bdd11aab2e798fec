"""Unpacks a zip archive that nobody vetted into the files in it, also those of archives inside the archive.

What makes the archive as a whole unsafe (too many entries, too much data, a directory that lies) raises
before anything is unpacked. What is wrong with one entry (a path that leaves the folder, a password, damage,
archives too deep) refuses that entry only. Nothing is written to disk.
"""

import io
import posixpath
import stat
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from census.adapters.extraction.zip_directory import ZipLimits, open_checked, read_entry, too_large
from census.domain.extracted_text import clean_text
from census.domain.extraction_errors import ExtractionCode, ExtractionError

ARCHIVE_LIMITS = ZipLimits(entries=1_000)
_OFFICE_MARK = "[Content_Types].xml"
_JUNK_FOLDERS = frozenset(("__MACOSX", ".git", ".svn"))
_JUNK_FILES = frozenset((".DS_Store", "Thumbs.db", "desktop.ini"))
_LONGEST_PATH = 400
_UTF8_FLAG = 0x800


@dataclass(frozen=True)
class ArchiveLimits:
    """What one upload may unpack to, archives inside of it counted in; `file_bytes` is for each file."""

    entries: int = 1_000
    total_bytes: int = ARCHIVE_LIMITS.total_bytes
    file_bytes: int = 100 * 1024 * 1024
    nesting: int = 2


@dataclass(frozen=True)
class UnpackedFile:
    """A file of an archive: its path with `/`, never absolute nor upwards, and its bytes."""

    path: str
    data: bytes


@dataclass(frozen=True)
class RefusedFile:
    """An entry that was not unpacked, and why."""

    path: str
    error: ExtractionError


def is_archive(file: BinaryIO) -> bool:
    """Tell whether a zip file is a plain archive and no document such as docx, epub or odt.

    Raises ExtractionError for a zip file that is damaged or declares too much.
    """
    with open_checked(file, ZipLimits(entries=10_000)) as archive:
        names = archive.NameToInfo
        return _OFFICE_MARK not in names and "mimetype" not in names


def unpack(path: Path, limits: ArchiveLimits | None = None) -> Iterator[UnpackedFile | RefusedFile]:
    """Yield the files of an archive in its order, one in memory at a time.

    Raises ExtractionError (corrupt, too_large) before the first one.
    """
    with path.open("rb") as file:
        yield from _Unpacking(limits or ArchiveLimits()).files(file, "", 1)


class _Unpacking:
    """One upload's unpacking: archives inside share its limits."""

    def __init__(self, limits: ArchiveLimits) -> None:
        self._limits = limits
        self._entries_left = limits.entries
        self._bytes_left = limits.total_bytes

    def files(self, file: BinaryIO, folder: str, depth: int) -> Iterator[UnpackedFile | RefusedFile]:
        """Yield the files of one archive that stands at `folder`."""
        with open_checked(file, ZipLimits(self._entries_left, self._bytes_left)) as archive:
            entries = archive.infolist()
            self._entries_left -= len(entries)
            self._bytes_left -= sum(entry.file_size for entry in entries)
            for entry in entries:
                if not entry.is_dir() and not _is_junk(name_of(entry)):
                    yield from self._file(archive, entry, folder, depth)

    def _file(
        self, archive: zipfile.ZipFile, entry: zipfile.ZipInfo, folder: str, depth: int
    ) -> Iterator[UnpackedFile | RefusedFile]:
        name = name_of(entry)
        try:
            place = posixpath.join(folder, safe_path(entry))
            if entry.file_size > self._limits.file_bytes:
                raise too_large(f"{entry.file_size:,} bytes in one file")
            data = read_entry(archive, entry)
        except ExtractionError as error:
            yield RefusedFile(posixpath.join(folder, name), error)
            return
        if _looks_like_archive(data):
            yield from self._inner(data, place, depth)
        else:
            yield UnpackedFile(place, data)

    def _inner(self, data: bytes, place: str, depth: int) -> Iterator[UnpackedFile | RefusedFile]:
        """Yield the files of an archive inside; one that is damaged or too much is refused as a whole."""
        try:
            if depth >= self._limits.nesting:
                raise too_large(f"archives {depth + 1} deep; only {self._limits.nesting} are unpacked")
            yield from self.files(io.BytesIO(data), place, depth + 1)
        except ExtractionError as error:
            yield RefusedFile(place, error)


def _looks_like_archive(data: bytes) -> bool:
    """Tell whether bytes are a zip file that is no document such as docx."""
    if not data.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return False
    return _OFFICE_MARK.encode() not in data and b"mimetype" not in data[:64]


def name_of(entry: zipfile.ZipInfo) -> str:
    """Return an entry's name, clean: many programs write UTF-8 without saying so."""
    name = entry.filename
    if not entry.flag_bits & _UTF8_FLAG and not name.isascii():
        try:
            name = name.encode("cp437").decode("utf-8")
        except UnicodeError:
            name = entry.filename
    return clean_text(name).replace("\n", " ").replace("\\", "/")


def safe_path(entry: zipfile.ZipInfo) -> str:
    """Return an entry's path if it stays below its folder. Raises ExtractionError for one that does not."""
    name = name_of(entry)
    parts = name.split("/")
    drive = len(parts[0]) == 2 and parts[0].endswith(":")
    if not name or name.startswith("/") or drive or ".." in parts or len(name) > _LONGEST_PATH:
        raise ExtractionError(
            ExtractionCode.CORRUPT,
            f"The archive holds a file with an unsafe path ({name[:80]!r}). Pack it anew.",
        )
    if stat.S_ISLNK(entry.external_attr >> 16):
        raise ExtractionError(
            ExtractionCode.UNSUPPORTED_TYPE, f"{name!r} is a link to another file. Pack the file itself."
        )
    return posixpath.normpath(name)


def _is_junk(name: str) -> bool:
    """Tell whether an entry is what systems leave behind in folders."""
    *folders, last = name.split("/")
    return last in _JUNK_FILES or last.startswith("._") or not _JUNK_FOLDERS.isdisjoint(folders)
