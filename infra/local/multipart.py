"""A multipart/form-data body that is never in memory as a whole.

A presigned POST wants its policy fields first and the file as the last part (S3 ignores what comes after it),
and a Content-Length: the object store does not take chunked bodies. The length is therefore computed before a
byte is read.
"""

import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from infra.local.client_errors import UnsendableFileError

BLOCK_BYTES = 256 * 1024


def _quoted(name: str) -> str:
    """A parameter value as browsers send it (WHATWG HTML, multipart/form-data encoding algorithm)."""
    return name.replace("\r", "%0D").replace("\n", "%0A").replace('"', "%22")


@dataclass(frozen=True)
class UploadForm:
    """Fields and one file of exactly `size` bytes; iterate over it for the blocks to send."""

    fields: Mapping[str, str]
    path: Path
    filename: str
    content_type: str
    size: int
    boundary: str = field(default_factory=lambda: f"census-{secrets.token_hex(16)}")

    @property
    def mime(self) -> str:
        """The Content-Type of the request."""
        return f"multipart/form-data; boundary={self.boundary}"

    @property
    def length(self) -> int:
        """The Content-Length of the request, in bytes."""
        return len(self._head()) + self.size + len(self._tail())

    def __iter__(self) -> Iterator[bytes]:
        """Raises UnsendableFileError when the file is not `size` bytes long any more."""
        yield self._head()
        yield from self._content()
        yield self._tail()

    def _head(self) -> bytes:
        parts = [self._part(f'name="{_quoted(name)}"', value) for name, value in self.fields.items()]
        disposition = f'name="file"; filename="{_quoted(self.filename)}"\r\nContent-Type: {self.content_type}'
        return ("".join(parts) + self._part(disposition, "").removesuffix("\r\n")).encode()

    def _part(self, disposition: str, value: str) -> str:
        return f"--{self.boundary}\r\nContent-Disposition: form-data; {disposition}\r\n\r\n{value}\r\n"

    def _tail(self) -> bytes:
        return f"\r\n--{self.boundary}--\r\n".encode()

    def _content(self) -> Iterator[bytes]:
        left = self.size
        with self.path.open("rb") as source:
            while left and (block := source.read(min(BLOCK_BYTES, left))):
                left -= len(block)
                yield block
            if left or source.read(1):
                raise UnsendableFileError(
                    f"{self.filename}: the file changed while it was being sent; send it again."
                )
