"""The file that is read, as the child process sees it."""

import io
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO, Self

from census.domain.extraction_errors import ExtractionCode, ExtractionError

HEAD_BYTES = 64 * 1024
_MOST_BYTES_A_CHARACTER = 4


@dataclass(frozen=True)
class SourceFile:
    """A file with what its uploader said about it, and how many characters may come out of it.

    `content` is a path, or the bytes of a file that came inside another, such as an attachment; the child may
    write nothing to disk. `depth` counts the files around it. `use_fallback` asks for the second parser.
    """

    content: Path | bytes
    filename: str
    declared_type: str | None
    max_chars: int
    depth: int = 0
    use_fallback: bool = False

    def inner(self, content: bytes, filename: str, declared_type: str | None, max_chars: int) -> Self:
        """Return a file that came inside this one."""
        return replace(
            self,
            content=content,
            filename=filename,
            declared_type=declared_type,
            max_chars=max_chars,
            depth=self.depth + 1,
        )

    def open(self) -> BinaryIO:
        """Open the content for reading."""
        return io.BytesIO(self.content) if isinstance(self.content, bytes) else self.content.open("rb")

    def head(self) -> bytes:
        """Return the first HEAD_BYTES bytes."""
        with self.open() as file:
            return file.read(HEAD_BYTES)

    def size(self) -> int:
        """Return the length in bytes."""
        return len(self.content) if isinstance(self.content, bytes) else self.content.stat().st_size

    def read_text_bytes(self) -> bytes:
        """Return all bytes of a file that is text itself, refusing one that cannot but exceed the limit."""
        if self.size() > self.max_chars * _MOST_BYTES_A_CHARACTER:
            raise self.too_large()
        return self.read_bytes()

    def read_bytes(self) -> bytes:
        """Return all bytes."""
        return self.content if isinstance(self.content, bytes) else self.content.read_bytes()

    def too_large(self) -> ExtractionError:
        """Return the error for a file with more text than the limit."""
        return ExtractionError(
            ExtractionCode.TOO_LARGE,
            f"The file holds more than {self.max_chars:,} characters of text. Split it into smaller files.",
        )
