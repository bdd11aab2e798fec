"""The role of whatever takes the files out of an uploaded archive."""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from census.domain.extraction_errors import ExtractionError


@dataclass(frozen=True)
class UnpackedEntry:
    """A file of the archive: its path with `/`, never absolute nor upwards, and where its bytes lie until the
    next entry is asked for.
    """

    path: str
    content: Path
    size: int


@dataclass(frozen=True)
class RefusedEntry:
    """A file of the archive that was not unpacked, and why."""

    path: str
    error: ExtractionError


ArchiveEntry = UnpackedEntry | RefusedEntry


class ArchiveReader(Protocol):
    """Unpacks what nobody has vetted, one file after the other."""

    def entries(self, archive: Path, *, deadline: float) -> AbstractContextManager[Iterator[ArchiveEntry]]:
        """The files of a zip archive in its order, also those of archives inside of it.

        They have to be taken before `deadline` (of `time.monotonic`). The iterator raises ExtractionError for
        an archive that is damaged, unsafe or too much as a whole, at its first entry or later.
        """
        ...
