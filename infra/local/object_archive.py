"""Objects on disk, so that a restart loses none.

Layout: <folder>/<bucket's logical id>/<key>/<version>.bin holds the bytes, <version>.json what S3 knows of
them. The key is percent-encoded, or its SHA-256 where that is too long for a file name. The .json is
written last: a version without one was never acknowledged.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO
from urllib.parse import quote

NAME_BYTES = 200
COPY_BYTES = 1024 * 1024


@dataclass(frozen=True)
class StoredVersion:
    """One version of one object, or a delete marker. `order` grows with time; `modified` is ISO 8601 UTC."""

    key: str
    version_id: str
    order: int
    modified: str
    etag: str = ""
    metadata: dict[str, str] = field(default_factory=dict)
    """Content-Type and the like, and user metadata as `x-amz-meta-…`."""
    delete_marker: bool = False


class ObjectArchive:
    """The versions of all buckets. Every method returns only when the change is on disk."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def write(self, bucket: str, version: StoredVersion, content: IO[bytes] | None) -> None:
        """Stores a version; `content` is read from where it stands, None for a delete marker."""
        folder = self._place(bucket, version.key)
        folder.mkdir(parents=True, exist_ok=True)
        name = quote(version.version_id, safe="")
        if content is not None:
            _write(folder / f"{name}.bin", content)
        _write(folder / f"{name}.json", json.dumps(asdict(version)).encode())
        _sync_folder(folder)
        _sync_folder(folder.parent)

    def remove(self, bucket: str, key: str, version_id: str) -> None:
        """Forgets a version; the record goes first, so that what remains of a crash is without meaning."""
        folder = self._place(bucket, key)
        name = quote(version_id, safe="")
        (folder / f"{name}.json").unlink(missing_ok=True)
        (folder / f"{name}.bin").unlink(missing_ok=True)
        if folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()
        elif folder.is_dir():
            _sync_folder(folder)

    def versions(self, bucket: str) -> Iterator[tuple[StoredVersion, Path]]:
        """Every version with the file of its bytes, oldest first; what a crash left unfinished is removed."""
        records = (self._folder / bucket).glob("*/*.json")
        found = [(_stored(record), record.with_suffix(".bin")) for record in records]
        known = {content for _, content in found}
        for leftover in [*(self._folder / bucket).glob("*/*.bin"), *(self._folder / bucket).glob("*/*.part")]:
            if leftover not in known:
                leftover.unlink()
        yield from sorted(found, key=lambda pair: pair[0].order)

    def version_ids(self, bucket: str, key: str) -> set[str]:
        """The versions of one key that are on disk."""
        records = self._place(bucket, key).glob("*.json")
        return {_stored(record).version_id for record in records}

    def _place(self, bucket: str, key: str) -> Path:
        name = quote(key, safe="").replace(".", "%2E")
        if len(name) > NAME_BYTES:
            name = "sha256-" + hashlib.sha256(key.encode()).hexdigest()
        return self._folder / bucket / name


def _stored(record: Path) -> StoredVersion:
    return StoredVersion(**json.loads(record.read_bytes()))


def _write(path: Path, content: IO[bytes] | bytes) -> None:
    part = path.with_suffix(path.suffix + ".part")
    with part.open("wb") as file:
        if isinstance(content, bytes):
            file.write(content)
        else:
            shutil.copyfileobj(content, file, COPY_BYTES)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
