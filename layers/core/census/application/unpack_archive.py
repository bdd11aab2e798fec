"""Makes an uploaded archive into files of its own, each of which the queue then brings to ingestion.

Ids derive from the archive's id and the path, so unpacking again, from the start or after a death in the
middle, makes the same files. A row comes before its object: S3's event finds it, and a sweep finds it where
the event is lost. The archive ends with a table of contents for its text and is no document in any ledger.
"""

import tempfile
import time
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from census.application.ingest_failures import IngestStoppedError, during
from census.application.make_text import SourceBytes, make_text
from census.domain.extraction_errors import ExtractionCode
from census.domain.identity import unpacked_id, upload_key
from census.domain.processing_error import ProcessingError
from census.ports.archive_reader import ArchiveEntry, RefusedEntry, UnpackedEntry
from census.ports.ingest_store import FileClaim, UnpackedRow
from census.ports.text_store import SavedText

if TYPE_CHECKING:
    from census.application.ingest_file import Ingestion

ARCHIVE_TYPE = "application/zip"
MARGIN_SECONDS = 15.0
"""Kept back of the worker's life to write and embed the table of contents."""

ENTRY_SECONDS = 5.0
"""What the next file may still take where the time is just not over."""


@dataclass
class _Contents:
    """What was met so far. A path that stands twice in an archive names two files."""

    unpacked: list[str] = field(default_factory=list)
    refused: list[tuple[str, ProcessingError]] = field(default_factory=list)
    seen: dict[str, int] = field(default_factory=dict)

    def name(self, path: str) -> str:
        """The path, told apart from the same one before."""
        self.seen[path] = self.seen.get(path, 0) + 1
        return path if self.seen[path] == 1 else f"{path} ({self.seen[path]})"


def unpack_archive(ingestion: "Ingestion", claim: FileClaim, archive: Path, deadline: float) -> SavedText:
    """Make the files of an archive; its table of contents as the text of the archive itself.

    Raises IngestStoppedError where nothing could be unpacked, where the claim is lost, and (`again`) where
    the time until `deadline` is not enough: what was made stays and the next attempt goes on.
    """
    contents = _Contents()
    _stop_when_late(deadline)
    with (
        during("unpack"),
        ingestion.archives.entries(archive, deadline=deadline - MARGIN_SECONDS + ENTRY_SECONDS) as entries,
    ):
        for entry in entries:
            _stop_when_late(deadline)
            _make_file(ingestion, claim, entry, contents)
    if not contents.unpacked:
        raise IngestStoppedError(_nothing_unpacked(contents))
    with tempfile.TemporaryDirectory(prefix="census-") as folder:
        table = Path(folder) / "contents.txt"
        table.write_text(table_of_contents(claim.filename, contents.unpacked, contents.refused), "utf-8")
        return make_text(ingestion.making, claim.owner, SourceBytes(table, "contents.txt", "text/plain"))


def _stop_when_late(deadline: float) -> None:
    if time.monotonic() >= deadline - MARGIN_SECONDS:
        told = "The archive is being unpacked; it takes longer than one run and goes on by itself."
        error = ProcessingError("unpacking_goes_on", "unpack", told, retryable=True)
        raise IngestStoppedError(error, again=True)


def _make_file(ingestion: "Ingestion", claim: FileClaim, entry: ArchiveEntry, contents: _Contents) -> None:
    path = contents.name(entry.path)
    row = _row(claim, path, entry)
    with during("store"), ingestion.making.database.tenant(claim.tenant_id) as work:
        missing = work.ingest.add_unpacked(claim, row)
    if missing is None:
        told = "The archive was deleted or taken over while it was unpacked."
        raise IngestStoppedError(ProcessingError("claim_lost", "unpack", told, retryable=True))
    if isinstance(entry, UnpackedEntry):
        contents.unpacked.append(path)
        if missing:
            with during("store"):
                ingestion.objects.put_file(upload_key(claim.tenant_id, row.id), entry.content)
    elif row.error is not None:
        contents.refused.append((path, row.error))


def _row(claim: FileClaim, path: str, entry: ArchiveEntry) -> UnpackedRow:
    """The file as it will be listed: named with the archive in front, so that a filter by name finds all."""
    file_id = unpacked_id(claim.file_id, path)
    filename = f"{claim.filename}/{path}"
    before = _version_before(claim, path)
    if isinstance(entry, RefusedEntry):
        error = ProcessingError(entry.error.code, "unpack", entry.error.message)
        return UnpackedRow(file_id, filename, None, None, before, error)
    return UnpackedRow(file_id, filename, upload_key(claim.tenant_id, file_id), entry.size, before)


def _version_before(claim: FileClaim, path: str) -> uuid.UUID | None:
    """The file of this path in the archive that this one replaces."""
    return None if claim.replaces is None else unpacked_id(claim.replaces, path)


def _nothing_unpacked(contents: _Contents) -> ProcessingError:
    if not contents.refused:
        return ProcessingError(ExtractionCode.NO_TEXT, "unpack", "The archive holds no files.")
    path, first = contents.refused[0]
    return ProcessingError(
        first.code,
        "unpack",
        f"None of the {len(contents.refused):,} files in the archive could be unpacked. The first was "
        f"{path!r}: {first.message}",
    )


def table_of_contents(filename: str, unpacked: list[str], refused: list[tuple[str, ProcessingError]]) -> str:
    """What became of an archive, as the text that its reader gets."""
    lines = [f"Archive {filename}: {_files(len(unpacked))} unpacked, {len(refused):,} refused.", ""]
    lines += ["Unpacked, each a file of its own:", *unpacked]
    if refused:
        lines += ["", "Refused:", *(f"{path}: {error.message}" for path, error in refused)]
    return "\n".join(lines) + "\n"


def _files(count: int) -> str:
    return f"{count:,} file{'' if count == 1 else 's'}"
