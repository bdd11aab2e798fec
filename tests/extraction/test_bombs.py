"""Files made to do harm, and broken ones: the child stays small, the parent as it was, the end is typed."""

import resource
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from census.adapters.subprocess_text_extractor import ExtractionLimits, SubprocessTextExtractor
from census.domain.extraction_errors import ExtractionError
from tests.extraction.bombs import TEXT, Bomb, bombs

MB = 1024 * 1024
SECONDS = 6.0
EXTRACTOR = SubprocessTextExtractor(ExtractionLimits(wall_seconds=SECONDS, cpu_seconds=int(SECONDS)))
BOMBS = bombs()


def end_of(path: Path, filename: str) -> str:
    try:
        EXTRACTOR.extract(path, filename)
        return TEXT
    except ExtractionError as error:
        assert error.message.endswith("."), error.message  # noqa: PT017 - either end may be right
        return error.code


class OwnMemory:
    """How far this process's memory rises above where it stood."""

    def __init__(self) -> None:
        Path("/proc/self/clear_refs").write_text("5")  # the peak begins anew
        self._before = self._peak()

    def growth(self) -> int:
        """Bytes above the start."""
        return self._peak() - self._before

    def _peak(self) -> int:
        lines = Path("/proc/self/status").read_text().splitlines()
        return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM"))


@pytest.fixture(scope="module", autouse=True)
def no_child_was_large() -> Iterator[None]:
    yield
    EXTRACTOR.close()  # the readers' memory is known once the process that forked them has ended
    assert 0 < resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024 <= 512 * MB


def test_there_are_enough_of_them() -> None:
    assert len(BOMBS) >= 60
    assert len({bomb.name for bomb in BOMBS}) == len(BOMBS)


@pytest.mark.skipif(sys.platform != "linux", reason="memory is read from /proc")
@pytest.mark.parametrize("bomb", BOMBS, ids=[bomb.name for bomb in BOMBS])
def test_it_does_no_harm(bomb: Bomb, tmp_path: Path) -> None:
    path = tmp_path / "upload"
    path.write_bytes(bomb.make())
    memory, started = OwnMemory(), time.monotonic()
    end = end_of(path, bomb.filename)
    assert end in bomb.ends
    assert time.monotonic() - started < SECONDS + 2
    assert memory.growth() <= 20 * MB
