"""A process in which bombs go off: nothing but their texts' extraction makes it or its children large.

It takes a path and a file name a line, as JSON, and answers with the end, the bytes of the text, those by
which it grew, and the seconds it took. When its input ends it says how large its largest child was.
"""

import json
import resource
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from census.adapters.subprocess_text_extractor import ExtractionLimits, SubprocessTextExtractor
from census.domain.extraction_errors import ExtractionError
from tests.extraction.bombs import TEXT
from tests.stack.running import ROOT

LIMITS = ExtractionLimits(cpu_seconds=4, wall_seconds=100)
"""Ended by what they burn: how long that takes by the clock depends on what else the machine does."""


@dataclass(frozen=True)
class BombEnd:
    """`end`: the error's code or TEXT; `growth`: bytes by which the extractor's own process rose."""

    end: str
    text_bytes: int
    growth: int
    seconds: float


class BombKeeper:
    """The other end of such a process."""

    def __enter__(self) -> Self:
        path = f"{ROOT}:{ROOT / 'layers' / 'core'}"
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.extraction.bomb_keeper"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={"PYTHONPATH": path, "PATH": "/usr/bin:/bin"},
        )
        return self

    def set_off(self, path: Path, filename: str) -> BombEnd:
        """Have a file extracted."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps([str(path), filename]) + "\n")
        self._process.stdin.flush()
        return BombEnd(**json.loads(self._process.stdout.readline()))

    def largest_child(self) -> int:
        """End it; the most bytes that one of its processes had."""
        told, _ = self._process.communicate(timeout=60)
        return int(told)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.kill()
        self._process.communicate()


class _OwnMemory:
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


def _end_of(extractor: SubprocessTextExtractor, path: Path, filename: str) -> tuple[str, int]:
    try:
        return TEXT, len(extractor.extract(path, filename).text.encode())
    except ExtractionError as error:
        assert error.message.endswith("."), error.message  # noqa: PT017 - either end may be right
        return error.code, 0


def main() -> None:
    """Serve until standard input ends."""
    extractor = SubprocessTextExtractor(LIMITS)
    for line in sys.stdin:
        path, filename = json.loads(line)
        memory, started = _OwnMemory(), time.monotonic()
        end, text_bytes = _end_of(extractor, Path(path), filename)
        found = BombEnd(end, text_bytes, memory.growth(), time.monotonic() - started)
        sys.stdout.write(json.dumps(asdict(found)) + "\n")
        sys.stdout.flush()
    extractor.close()  # the readers' memory is known once the process that forked them has ended
    sys.stdout.write(f"{resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024}\n")


if __name__ == "__main__":
    main()
