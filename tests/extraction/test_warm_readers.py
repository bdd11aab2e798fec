"""A warm process outlives its files, and nothing else does; when it dies itself another takes its place."""

import gc
import json
import os
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from census.adapters.extraction_child import ChildEnd
from census.adapters.subprocess_text_extractor import SubprocessTextExtractor, child_environment
from census.adapters.warm_readers import WarmReaders
from tests.extraction.files import bomb_pdf, pdf
from tests.extraction.processes import children

MB = 1024 * 1024


def answer(
    readers: WarmReaders, folder: Path, data: bytes, *, seconds: float = 100.0, **limits: int
) -> ChildEnd:
    path = folder / "upload"
    path.write_bytes(data)
    request = {
        "path": str(path),
        "filename": "a.pdf" if data.startswith(b"%PDF") else "a.txt",
        "content_type": None,
        "use_fallback": False,
        "max_chars": 10_000_000,
        "memory_bytes": 384 * MB,
        "cpu_seconds": 20,
        **limits,
    }
    encoded = json.dumps(request).encode()
    return readers.run(encoded, deadline=time.monotonic() + seconds, max_output=10 * MB)


def wait_for_one(but: set[int]) -> int:
    for _ in range(6_000):
        if found := children() - but:
            return found.pop()
        time.sleep(0.01)
    raise AssertionError("no process was started")


def test_file_after_file_is_read_by_forks_of_one_process(tmp_path: Path) -> None:
    before, readers = children(), WarmReaders(child_environment)
    ends = [answer(readers, tmp_path, data) for data in (b"One.", pdf([["Two"]]), b"Three.")]
    assert [end.status for end in ends] == [0, 0, 0]
    assert len(children() - before) == 1
    readers.close()
    assert children() == before


def test_a_reader_that_dies_takes_nothing_along(tmp_path: Path) -> None:
    before, readers = children(), WarmReaders(child_environment)
    assert answer(readers, tmp_path, b"Warm.").status == 0
    warm = children() - before
    died = answer(readers, tmp_path, bomb_pdf(60), memory_bytes=130 * MB).status
    assert died is not None
    assert died < 0
    assert answer(readers, tmp_path, b"Still here.").status == 0
    assert children() - before == warm
    readers.close()


def test_a_reader_is_ended_at_the_deadline_and_the_next_one_reads(tmp_path: Path) -> None:
    before, readers = children(), WarmReaders(child_environment)
    answer(readers, tmp_path, b"Warm.")
    (warm,) = children() - before
    slow = b"<html>" + b"<p>short <b>words</b> in many small elements" * 200_000
    assert answer(readers, tmp_path, slow, seconds=0.05).timed_out
    assert Path(f"/proc/{warm}/task/{warm}/children").read_text() == ""
    assert answer(readers, tmp_path, b"Next.").status == 0
    readers.close()


def test_a_warm_process_that_was_killed_is_replaced(tmp_path: Path) -> None:
    before, readers = children(), WarmReaders(child_environment)
    answer(readers, tmp_path, b"Warm.")
    (warm,) = children() - before
    os.kill(warm, signal.SIGKILL)
    assert answer(readers, tmp_path, b"Read all the same.").status == 0
    assert len(children() - before) == 1
    readers.close()


def test_a_process_that_cannot_start_is_told_and_does_not_hang(tmp_path: Path) -> None:
    end = answer(WarmReaders(lambda: {"PYTHONPATH": "/nowhere"}), tmp_path, b"x")
    assert (end.status, end.output) == (1, b"")


def test_threads_read_at_once(tmp_path: Path) -> None:
    before, extractor = children(), SubprocessTextExtractor()
    with ThreadPoolExecutor(2) as pool:
        found = list(pool.map(lambda n: extractor.extract(f"Text {n}.".encode(), "a.txt").text, range(12)))
    assert found == [f"Text {n}." for n in range(12)]
    assert len(children() - before) <= 2
    extractor.close()


def test_letting_go_of_the_extractor_ends_its_process() -> None:
    gc.collect()
    before = children()
    SubprocessTextExtractor().extract(b"Words.", "a.txt")
    gc.collect()
    assert children() == before


def test_a_reader_gets_neither_environment_nor_descriptors_of_ours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "a secret")
    with (tmp_path / "open").open("w"):
        before, readers = children(), WarmReaders(child_environment)
        answer(readers, tmp_path, b"Warm.")
        warm = wait_for_one(before)
        assert b"a secret" not in Path(f"/proc/{warm}/environ").read_bytes()
        opened = [os.readlink(f"/proc/{warm}/fd/{fd}") for fd in os.listdir(f"/proc/{warm}/fd")]
    assert not any("open" in place for place in opened)
    readers.close()
