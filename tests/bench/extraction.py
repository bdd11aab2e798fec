"""Pages and megabytes a second against bare pdfium in one process, both held to one core.

Processor seconds, not the clock: the ratio then says what a page costs, whoever else uses the machine. What
the child and the process it is forked from use is counted in.
"""

import os
import resource
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pypdfium2

from census.adapters.subprocess_text_extractor import SubprocessTextExtractor
from tests.extraction.files import pdf
from tests.extraction.processes import children

WANTED_RATIO = 0.8
ROUNDS = 3
SIZES = {"11 pages": (40, 11), "100 pages": (5, 100)}
"""Documents and pages of each; 11 pages is the mean of 60 real contracts."""

_LINE = "The Supplier shall deliver within {} days of the order, unless Section {} says otherwise."


@dataclass(frozen=True)
class Pace:
    """Pages and megabytes a processor second."""

    pages: float
    megabytes: float


def run() -> list[str]:
    """Print both paces and their ratio for each size; what fell short."""
    missed = []
    allowed = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(allowed)})
    try:
        for name, (count, pages) in SIZES.items():
            missed += _compare(name, count, pages)
    finally:
        os.sched_setaffinity(0, allowed)
    return missed


def _compare(name: str, count: int, pages: int) -> list[str]:
    with tempfile.TemporaryDirectory() as folder:
        paths = []
        for number in range(count):
            paths.append(Path(folder) / f"{number}.pdf")
            paths[-1].write_bytes(_document(number, pages))
        bare, ours = _bare(paths, pages), _ours(paths, pages)
    ratio = ours.pages / bare.pages
    print(
        f"   documents of {name}: {ours.pages:,.0f} pages and {ours.megabytes:.1f} MB a second of one core;"
        f" bare pdfium {bare.pages:,.0f} and {bare.megabytes:.1f}: ratio {ratio:.2f}"
    )
    return [f"documents of {name}: {ratio:.2f} of bare pdfium"] if ratio < WANTED_RATIO else []


def _document(number: int, pages: int) -> bytes:
    return pdf([[_LINE.format(n + number, page) for n in range(48)] for page in range(pages)])


def _bare(paths: Sequence[Path], pages: int) -> Pace:
    for path in paths[:2]:
        _read_bare(path)
    before = time.process_time()
    for _ in range(ROUNDS):
        for path in paths:
            _read_bare(path)
    return _pace(paths, pages, time.process_time() - before)


def _read_bare(path: Path) -> list[str]:
    with pypdfium2.PdfDocument(path) as document:
        return [str(page.get_textpage().get_text_range()) for page in document]


def _ours(paths: Sequence[Path], pages: int) -> Pace:
    before, extractor = children(), SubprocessTextExtractor()
    extractor.extract(paths[0], "warm.pdf")
    (warm,) = children() - before
    used = _processor_seconds(warm)
    for _ in range(ROUNDS):
        for path in paths:
            extractor.extract(path, path.name)
    pace = _pace(paths, pages, _processor_seconds(warm) - used)
    extractor.close()
    return pace


def _processor_seconds(warm: int) -> float:
    """Of this process, of the warm one, and of its forks that ended."""
    fields = Path(f"/proc/{warm}/stat").read_text().rsplit(")", 1)[1].split()
    return time.process_time() + sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")


def _pace(paths: Sequence[Path], pages: int, seconds: float) -> Pace:
    total = sum(path.stat().st_size for path in paths) * ROUNDS
    return Pace(len(paths) * ROUNDS * pages / seconds, total / seconds / 1e6)


def peak_of_children() -> int:
    """Bytes that the largest child so far held."""
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024
