"""Reads one file within limits, in a process that is there for nothing else (see warm.py).

Request  {"path", "filename", "content_type", "use_fallback", "max_chars", "memory_bytes", "cpu_seconds"}
Answer   {"extracted": ExtractedText.to_json()} or {"error": {"code", "message", "retryable", "is_archive"}}

It limits itself before it looks at the file. It may also die; the parent expects that.
"""

import json
import resource
import sys
from pathlib import Path
from typing import Any

from census.adapters.extraction.extract_file import extract_file
from census.adapters.extraction.source_file import SourceFile
from census.domain.extraction_errors import ArchiveFoundError, ExtractionCode, ExtractionError

_OPEN_FILES = 32


def limit_this_process(memory_bytes: int, cpu_seconds: int) -> None:
    """Bound address space and CPU time; allow no written byte, core file or process, and few open files."""
    _limit(resource.RLIMIT_CPU, cpu_seconds, more=1)  # at the hard limit SIGKILL would hide what it was
    _limit(resource.RLIMIT_FSIZE, 0)
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_NOFILE, _OPEN_FILES)
    _limit(resource.RLIMIT_NPROC, 0)  # a child of its own could outlive it; root's are not counted
    if sys.platform != "darwin":  # whose kernel refuses it
        _limit(resource.RLIMIT_AS, memory_bytes)


def _limit(kind: int, value: int, more: int = 0) -> None:
    """Set the soft limit to `value` and the hard one `more` above it, as far as ours allows."""
    hard = resource.getrlimit(kind)[1]
    most = value + more if hard == resource.RLIM_INFINITY else min(value + more, hard)
    resource.setrlimit(kind, (min(value, most), most))


def answer(request: dict[str, Any]) -> bytes:
    """Extract what a request names; whatever is wrong with the file becomes part of the answer."""
    source = SourceFile(
        Path(request["path"]),
        request["filename"],
        request["content_type"],
        request["max_chars"],
        use_fallback=request["use_fallback"],
    )
    try:
        extracted = extract_file(source)
        return json.dumps({"extracted": extracted.to_json()}, ensure_ascii=False).encode()
    except ArchiveFoundError as error:
        return _error(error.code, error.message, is_archive=True)
    except ExtractionError as error:
        return _error(error.code, error.message, retryable=error.retryable)
    except MemoryError:
        return _error(
            ExtractionCode.OUT_OF_MEMORY, "Reading the file needs more memory than is allowed. Split it."
        )
    except Exception as error:  # noqa: BLE001 - whatever a parser raises on bytes it was not made for
        name = type(error).__name__
        message = (
            f"The reader failed on the file ({name}); it is probably damaged. Save it anew and upload that."
        )
        return _error(ExtractionCode.PARSER_CRASHED, message)


def _error(code: ExtractionCode, message: str, *, retryable: bool = False, is_archive: bool = False) -> bytes:
    told = {"code": code, "message": message, "retryable": retryable, "is_archive": is_archive}
    return json.dumps({"error": told}).encode()
