"""The child process that unpacks an archive: one request on standard input, frames on standard output.

Request  {"path", "memory_bytes", "cpu_seconds"}
Frame    the length of a header (4 bytes, big-endian), the header (JSON), then `size` bytes of content
Headers  {"path", "size"}, {"path", "size": 0, "error": {"code", "message"}} for an entry that was refused;
         last {"size": 0, "end": null}, or its error where the archive as a whole was refused
"""

import json
import os
import struct
import sys
from pathlib import Path
from typing import Any, BinaryIO

from census.adapters.extraction.archive import RefusedFile, UnpackedFile, unpack
from census.adapters.extraction.reader import limit_this_process
from census.domain.extraction_errors import ExtractionCode, ExtractionError

HEADER_LENGTH = struct.Struct(">L")


def main() -> None:
    """Answer one request."""
    request = json.loads(sys.stdin.buffer.read())
    answer_to = os.dup(1)
    os.dup2(2, 1)
    limit_this_process(request["memory_bytes"], request["cpu_seconds"])
    with os.fdopen(answer_to, "wb") as answer:
        _frame(answer, {"end": _unpack(Path(request["path"]), answer)})


def _unpack(path: Path, answer: BinaryIO) -> dict[str, str] | None:
    """Write a frame for each file; return the error that ended it, if one did."""
    try:
        for each in unpack(path):
            _write(each, answer)
    except ExtractionError as error:
        return _told(error)
    except MemoryError:
        what = "Unpacking the archive needs more memory than is allowed. Split it into smaller archives."
        return _told(ExtractionError(ExtractionCode.OUT_OF_MEMORY, what))
    return None


def _write(each: UnpackedFile | RefusedFile, answer: BinaryIO) -> None:
    if isinstance(each, RefusedFile):
        _frame(answer, {"path": each.path, "error": _told(each.error)})
    else:
        _frame(answer, {"path": each.path}, each.data)


def _told(error: ExtractionError) -> dict[str, str]:
    return {"code": error.code, "message": error.message}


def _frame(answer: BinaryIO, header: dict[str, Any], content: bytes = b"") -> None:
    told = json.dumps({**header, "size": len(content)}).encode()
    answer.write(HEADER_LENGTH.pack(len(told)))
    answer.write(told)
    answer.write(content)
    answer.flush()


if __name__ == "__main__":
    main()
