"""Why no text could be taken out of a file.

    ExtractionError          one error; its `code` says which end it was
      ArchiveFoundError      the file is no document but holds files: it is to be unpacked
      code in ExtractionCode empty_file, unsupported_type, encrypted, corrupt, no_text, too_large,
                             timed_out, out_of_memory, parser_crashed

One class and a closed set of codes rather than nine classes, because the code crosses a process boundary,
is stored on the document's row and is what the interface shows.
"""

from enum import StrEnum


class ExtractionCode(StrEnum):
    """The stable name of a reason; clients may rely on it."""

    EMPTY_FILE = "empty_file"
    UNSUPPORTED_TYPE = "unsupported_type"
    ENCRYPTED = "encrypted"
    CORRUPT = "corrupt"
    NO_TEXT = "no_text"
    TOO_LARGE = "too_large"
    TIMED_OUT = "timed_out"
    OUT_OF_MEMORY = "out_of_memory"
    PARSER_CRASHED = "parser_crashed"


class ExtractionError(Exception):
    """No text could be taken out of a file.

    `message` is written for the person who uploaded it: what was wrong and what to do. `retryable` is true
    only where the same bytes may well succeed later, that is where the machine and not the file was the
    reason.
    """

    def __init__(self, code: ExtractionCode, message: str, *, retryable: bool = False) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.retryable = retryable


class ArchiveFoundError(ExtractionError):
    """The file is a zip archive. Ingestion unpacks it; for everybody else it is an unsupported type."""

    def __init__(self, message: str) -> None:
        super().__init__(ExtractionCode.UNSUPPORTED_TYPE, message)
