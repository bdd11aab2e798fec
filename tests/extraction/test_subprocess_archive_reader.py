"""Unpacking in a limited child: nothing of it lies about, whatever the archive does."""

import os
import time
import tracemalloc
from pathlib import Path

import pytest

from census.adapters.subprocess_archive_reader import SubprocessArchiveReader, UnpackingLimits
from census.domain.extraction_errors import ExtractionCode, ExtractionError
from census.ports.archive_reader import ArchiveReader, RefusedEntry, UnpackedEntry
from tests.extraction.bomb_parts import locked
from tests.extraction.packages import zipped
from tests.extraction.processes import children

MB = 1024 * 1024


def read(
    folder: Path, data: bytes, limits: UnpackingLimits | None = None, seconds: float = 100
) -> dict[str, bytes | str]:
    """What comes out: contents of files, codes of those refused."""
    path = folder / "upload"
    path.write_bytes(data)
    reader: ArchiveReader = SubprocessArchiveReader(limits)
    found: dict[str, bytes | str] = {}
    with reader.entries(path, deadline=time.monotonic() + seconds) as entries:
        for entry in entries:
            found[entry.path] = (
                entry.content.read_bytes() if isinstance(entry, UnpackedEntry) else entry.error.code
            )
    return found


def refusal(folder: Path, data: bytes, **limits: float) -> ExtractionCode:
    seconds = limits.pop("seconds", 100)
    with pytest.raises(ExtractionError) as caught:
        read(folder, data, UnpackingLimits(**{k: int(v) for k, v in limits.items()}), seconds)
    return caught.value.code


def test_files_come_one_after_the_other_with_their_bytes(tmp_path: Path) -> None:
    many = {f"{number}.bin": os.urandom(number * 1_000) for number in range(60)}
    assert read(tmp_path, zipped(many)) == many


def test_a_refused_file_comes_with_its_reason(tmp_path: Path) -> None:
    assert read(tmp_path, locked(zipped({"a": b"x", "b": b"y"}))) == {"a": "encrypted", "b": b"y"}


def test_an_archive_that_is_refused_raises(tmp_path: Path) -> None:
    assert refusal(tmp_path, b"PK\x03\x04 and nothing") is ExtractionCode.CORRUPT


def test_a_child_that_says_too_much_or_too_many_is_not_believed(tmp_path: Path) -> None:
    data = zipped({"a": b"x" * 100, "b": b"y"})
    assert refusal(tmp_path, data, total_bytes=50) is ExtractionCode.PARSER_CRASHED
    assert refusal(tmp_path, data, entries=1) is ExtractionCode.PARSER_CRASHED


def test_a_child_without_memory_ends_in_a_typed_error(tmp_path: Path) -> None:
    code = refusal(tmp_path, zipped({"a": os.urandom(40 * MB)}), memory_bytes=60 * MB)
    assert code in (ExtractionCode.OUT_OF_MEMORY, ExtractionCode.PARSER_CRASHED)


def test_it_ends_at_its_deadline(tmp_path: Path) -> None:
    assert refusal(tmp_path, zipped({"a": b"x"}), seconds=0) is ExtractionCode.TIMED_OUT


def test_a_large_file_passes_through_without_growing_this_process(tmp_path: Path) -> None:
    path = tmp_path / "upload"
    path.write_bytes(zipped({"a": os.urandom(1 * MB) * 60}))
    tracemalloc.start()
    with SubprocessArchiveReader().entries(path, deadline=time.monotonic() + 100) as entries:
        sizes = [entry.size for entry in entries if not isinstance(entry, RefusedEntry)]
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert sizes == [60 * MB]
    assert peak < 5 * MB


def test_leaving_early_ends_the_child_and_clears_its_folder(tmp_path: Path) -> None:
    path = tmp_path / "upload"
    path.write_bytes(zipped({"a": os.urandom(5 * MB), "b": os.urandom(5 * MB)}))
    before = children()
    with SubprocessArchiveReader().entries(path, deadline=time.monotonic() + 100) as entries:
        first = next(entries)
        assert isinstance(first, UnpackedEntry)
        kept = first.content
    assert not kept.exists()
    assert children() == before
