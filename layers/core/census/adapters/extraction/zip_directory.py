"""Opens zip files after checking their directory: it declares the sizes, so that bombs show unopened."""

import struct
import zipfile
import zlib
from dataclasses import dataclass
from itertools import pairwise
from typing import BinaryIO

from census.domain.extraction_errors import ExtractionCode, ExtractionError

MB = 1024 * 1024
_TAIL_BYTES = 65_557 + 20
_END, _END64, _LOCATOR = b"PK\x05\x06", b"PK\x06\x06", b"PK\x06\x07"
_UNKNOWN_SIZE = 0xFFFFFFFF
_SMALL = MB
_METHODS = frozenset((zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED))
_ENCRYPTED_FLAG = 0x1


@dataclass(frozen=True)
class ZipLimits:
    """What a zip file may declare. `ratio`: bytes unpacked for one packed, for entries above 1 MB; text
    seldom passes 50, deflate ends at 1,032.
    """

    entries: int
    total_bytes: int = 500 * MB
    ratio: int = 250
    directory_bytes: int = 8 * MB


OFFICE_LIMITS = ZipLimits(entries=10_000)


def open_checked(file: BinaryIO, limits: ZipLimits) -> zipfile.ZipFile:
    """Open a zip file within its limits. Raises ExtractionError (corrupt or too_large)."""
    if _directory_bytes(file) > limits.directory_bytes:
        raise too_large(f"more than {limits.entries:,} entries")
    try:
        archive = zipfile.ZipFile(file)
    except (zipfile.BadZipFile, ValueError, struct.error, NotImplementedError, OSError) as error:
        raise damaged() from error
    _check(archive.infolist(), limits)
    return archive


def read_entry(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    """Return an entry, at most its declared size. Raises ExtractionError (corrupt or encrypted)."""
    if entry.flag_bits & _ENCRYPTED_FLAG:
        raise encrypted()
    if entry.compress_type not in _METHODS:
        raise ExtractionError(
            ExtractionCode.UNSUPPORTED_TYPE, "The archive is packed in a way that is not read. Pack it anew."
        )
    try:
        return archive.read(entry)
    except (zipfile.BadZipFile, zlib.error, EOFError, ValueError, struct.error, OSError) as error:
        raise damaged() from error


def _check(entries: list[zipfile.ZipInfo], limits: ZipLimits) -> None:
    if len(entries) > limits.entries:
        raise too_large(f"{len(entries):,} entries; at most {limits.entries:,} are read")
    total = sum(entry.file_size for entry in entries)
    if total > limits.total_bytes:
        raise too_large(f"{total // MB:,} MB unpacked; at most {limits.total_bytes // MB:,} MB are read")
    if any(_ratio(entry) > limits.ratio for entry in entries if entry.file_size > _SMALL):
        raise too_large("an entry that unpacks to far more than any document needs")
    if _overlap(entries):
        raise damaged()


def _ratio(entry: zipfile.ZipInfo) -> float:
    return entry.file_size / max(1, entry.compress_size)


def _overlap(entries: list[zipfile.ZipInfo]) -> bool:
    """Tell whether entries share bytes, as in bombs that unpack one stream many times."""
    spans = sorted((entry.header_offset, entry.header_offset + entry.compress_size) for entry in entries)
    return any(end > start for (_, end), (start, _) in pairwise(spans))


def _directory_bytes(file: BinaryIO) -> int:
    """Return the length of the directory, as the file's end declares it; 0 where there is none."""
    size = file.seek(0, 2)
    file.seek(max(0, size - _TAIL_BYTES))
    tail = file.read()
    file.seek(0)
    place = tail.rfind(_END)
    if place < 0 or len(tail) < place + 22:
        return 0
    length: int = struct.unpack_from("<L", tail, place + 12)[0]
    return _directory_bytes_64(file, tail[max(0, place - 20) : place]) or length


def _directory_bytes_64(file: BinaryIO, locator: bytes) -> int:
    if not locator.startswith(_LOCATOR):
        return 0
    file.seek(min(struct.unpack_from("<Q", locator, 8)[0], 1 << 62))
    record = file.read(56)
    file.seek(0)
    return struct.unpack_from("<Q", record, 40)[0] if record[:4] == _END64 and len(record) == 56 else 0


def too_large(what: str) -> ExtractionError:
    """Return the error for a zip file that declares too much."""
    return ExtractionError(ExtractionCode.TOO_LARGE, f"The file holds {what}. Split it into smaller files.")


def damaged() -> ExtractionError:
    """Return the error for a zip file whose parts do not fit together."""
    return ExtractionError(
        ExtractionCode.CORRUPT, "The file is damaged: its packed parts cannot be read. Save it anew."
    )


def encrypted() -> ExtractionError:
    """Return the error for an entry that needs a password."""
    return ExtractionError(
        ExtractionCode.ENCRYPTED, "The file is protected by a password. Remove it and upload the file again."
    )
