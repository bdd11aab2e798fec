"""moto's buckets, written through to the archive and loaded back from it."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from moto.s3.models import FakeDeleteMarker, FakeKey, s3_backends

from infra.local.deployment import ACCOUNT, Bucket
from infra.local.object_archive import ObjectArchive, StoredVersion


class ObjectStore:
    """Keeps memory and disk alike. Sequence numbers are nanoseconds since 1970, strictly growing."""

    def __init__(self, buckets: Sequence[Bucket], archive: ObjectArchive) -> None:
        self._buckets = {bucket.name: bucket for bucket in buckets}
        self._archive = archive
        self._backend = s3_backends[ACCOUNT]["aws"]
        self._lock = threading.Lock()
        self._last = 0
        self._orders: dict[tuple[str, str, str], int] = {}
        for bucket in buckets:
            if bucket.versioned:  # moto's CloudFormation passes over it
                self._backend.put_bucket_versioning(bucket.name, "Enabled")

    def bucket(self, name: str) -> Bucket | None:
        """The bucket of the template with this name."""
        return self._buckets.get(name)

    def current(self, bucket: str, key: str) -> Any | None:
        """moto's newest version of an object; None when there is none or it was deleted."""
        version = self._backend.get_bucket(bucket).keys.get(key)
        return version if isinstance(version, FakeKey) else None

    def keys(self, bucket: str) -> list[str]:
        """The keys of all objects that are there now."""
        return [key for key in self._backend.get_bucket(bucket).keys if self.current(bucket, key) is not None]

    def sequence_of(self, bucket: str, key: str, version_id: str) -> int:
        """When a stored version was made, in the order of all writes; the same after a restart."""
        return self._orders[bucket, key, str(version_id)]

    def next_sequence(self) -> int:
        """The number of the next write."""
        with self._lock:
            self._last = max(self._last + 1, time.time_ns())
            return self._last

    def save(self, bucket: str, key: str) -> None:
        """Brings the disk to what memory holds of one key: new versions are written, removed ones deleted."""
        logical_id = self._buckets[bucket].logical_id
        versions = {
            str(v.version_id): v for v in self._backend.get_bucket(bucket).keys.getlist(key, default=[])
        }
        stored = self._archive.version_ids(logical_id, key)
        for version_id, version in versions.items():
            # An unversioned bucket replaces its only version, "null", under the same id.
            if version_id not in stored or version_id == "null":
                order = self.next_sequence()
                self._save_version(logical_id, key, version, order)
                self._orders[bucket, key, version_id] = order
        for version_id in stored - set(versions):
            self._archive.remove(logical_id, key, version_id)

    def _save_version(self, bucket: str, key: str, version: Any, order: int) -> None:
        modified = version.last_modified.isoformat()
        if isinstance(version, FakeDeleteMarker):
            marker = StoredVersion(key, version.version_id, order, modified, delete_marker=True)
            self._archive.write(bucket, marker, None)
            return
        metadata = {str(name): str(value) for name, value in version.metadata.items()}
        etag = version.etag.strip('"')
        stored = StoredVersion(key, version.version_id, order, modified, etag, metadata)
        with version.lock:
            version._value_buffer.seek(0)
            self._archive.write(bucket, stored, version._value_buffer)

    def load(self) -> int:
        """Fills moto's buckets from disk, oldest version first; returns the number of versions."""
        count = 0
        for bucket in self._buckets.values():
            for stored, content in self._archive.versions(bucket.logical_id):
                self._load_version(bucket.name, stored, b"" if stored.delete_marker else content.read_bytes())
                self._orders[bucket.name, stored.key, str(stored.version_id)] = stored.order
                self._last = max(self._last, stored.order)
                count += 1
        return count

    def _load_version(self, bucket: str, stored: StoredVersion, content: bytes) -> None:
        keys = self._backend.get_bucket(bucket).keys
        if stored.delete_marker:
            marker = FakeDeleteMarker(keys[stored.key])
            marker._version_id = stored.version_id
            marker.last_modified = datetime.fromisoformat(stored.modified)
            keys.setlist(stored.key, [*keys.getlist(stored.key, default=[]), marker])
            return
        version = self._backend.put_object(
            bucket, stored.key, content, etag=stored.etag, disable_notification=True
        )
        version._version_id = stored.version_id
        version.last_modified = datetime.fromisoformat(stored.modified)
        version.set_metadata(dict(stored.metadata), replace=True)
