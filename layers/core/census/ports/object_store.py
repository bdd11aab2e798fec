"""Where uploaded bytes and large answers lie."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol


@dataclass(frozen=True)
class PresignedUpload:
    """Where and with which form fields a client may upload one object; the file's field comes last."""

    url: str
    fields: Mapping[str, str]


class ObjectStore(Protocol):
    """One bucket. Methods raise UnavailableError; reading a missing object raises NotFoundError."""

    def presign_upload(
        self, key: str, *, content_type: str | None, size: int | None, max_size: int, seconds: int
    ) -> PresignedUpload:
        """A POST bound to this key and size: exactly `size` bytes where declared, at most `max_size`."""
        ...

    def presign_download(self, key: str, *, filename: str, seconds: int) -> str:
        """A URL that gives the object for a while."""
        ...

    def download(self, key: str, version: str | None, target: Path) -> None:
        """Write the object's bytes to a file."""
        ...

    def put(self, key: str, body: bytes, *, content_type: str) -> None:
        """Store bytes under a key."""
        ...

    def put_file(self, key: str, path: Path) -> None:
        """Store a file's bytes under a key, without holding them in memory."""
        ...

    def is_there(self, key: str) -> bool:
        """Whether there is an object under this key."""
        ...

    def delete(self, key: str) -> None:
        """Delete an object in all its versions; a missing one is no error."""
        ...
