"""The file that is read, as the child process sees it."""

from dataclasses import dataclass
from pathlib import Path

from census.domain.extraction_errors import ExtractionCode, ExtractionError

HEAD_BYTES = 64 * 1024
_MOST_BYTES_A_CHARACTER = 4


@dataclass(frozen=True)
class SourceFile:
    """A file on disk with what its uploader said about it, and how many characters may come out of it."""

    path: Path
    filename: str
    declared_type: str | None
    max_chars: int

    def head(self) -> bytes:
        """Return the first HEAD_BYTES bytes."""
        with self.path.open("rb") as file:
            return file.read(HEAD_BYTES)

    def read_text_bytes(self) -> bytes:
        """Return all bytes of a file that is text itself, refusing one that cannot but exceed the limit."""
        if self.path.stat().st_size > self.max_chars * _MOST_BYTES_A_CHARACTER:
            raise self.too_large()
        return self.path.read_bytes()

    def too_large(self) -> ExtractionError:
        """Return the error for a file with more text than the limit."""
        return ExtractionError(
            ExtractionCode.TOO_LARGE,
            f"The file holds more than {self.max_chars:,} characters of text. Split it into smaller files.",
        )
