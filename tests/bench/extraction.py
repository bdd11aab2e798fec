"""Pages and megabytes a second against bare pdfium in one process, both held to one core.

Processor seconds, not the clock: the ratio then says what a page costs, whoever else uses the machine. What
the child and the process it is forked from use is counted in. Both read in turns; medians of the turns.
"""

import os
import resource
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import median

import pypdfium2

from census.adapters.subprocess_text_extractor import SubprocessTextExtractor
from tests.extraction.files import pdf
from tests.extraction.processes import children

CUAD = Path(__file__).parents[2].parent / "shared" / "cuad"
WANTED_RATIO = 0.8
ROUNDS = 7
SIZES = {"11 pages": (20, 11), "100 pages": (3, 100)}
"""Documents and pages of each; 11 pages is the mean of 60 real contracts."""

_LINE = "The Supplier shall deliver within {} days of the order, unless Section {} says otherwise."


def run() -> list[str]:
    """Print both paces and their ratio for each collection; what fell short."""
    missed = []
    with _one_core(), tempfile.TemporaryDirectory() as folder:
        for name, (count, pages) in SIZES.items():
            missed += _compare(f"documents of {name}", _write(Path(folder), count, pages))
    real = sorted(CUAD.glob("pdf/*.pdf"))
    with _one_core():
        missed += _compare(f"{len(real)} real contracts", real) if real else []
    return missed


@contextmanager
def _one_core() -> Iterator[None]:
    allowed = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(allowed)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, allowed)


def _write(folder: Path, count: int, pages: int) -> list[Path]:
    paths = [folder / f"{pages}-{number}.pdf" for number in range(count)]
    for number, path in enumerate(paths):
        path.write_bytes(pdf([[_LINE.format(n + number, page) for n in range(48)] for page in range(pages)]))
    return paths


def _compare(name: str, paths: Sequence[Path]) -> list[str]:
    pages = sum(len(_read_bare(path)) for path in paths)
    megabytes = sum(path.stat().st_size for path in paths) / 1e6
    before, extractor = children(), SubprocessTextExtractor()
    extractor.extract(paths[0], "warm.pdf")
    (warm,) = children() - before
    bare: list[float] = []
    ours: list[float] = []
    faults = _page_faults(warm)
    for _ in range(ROUNDS):
        bare.append(_bare(paths))
        ours.append(_ours(extractor, warm, paths))
    faults = (_page_faults(warm) - faults) // (ROUNDS * len(paths))
    extractor.close()
    ratio, more = median(bare) / median(ours), (median(ours) - median(bare)) / len(paths)
    print(
        f"   {name}: {pages / median(ours):,.0f} pages, {megabytes / median(ours):.1f} MB a second of a core;"
        f" bare pdfium {pages / median(bare):,.0f} and {megabytes / median(bare):.1f}: ratio {ratio:.2f};"
        f" a document {more * 1e3:+.1f} ms, {faults:,} page faults"
    )
    return [f"{name}: {ratio:.2f} of bare pdfium"] if ratio < WANTED_RATIO else []


def _bare(paths: Sequence[Path]) -> float:
    before = time.process_time()
    for path in paths:
        _read_bare(path)
    return time.process_time() - before


def _read_bare(path: Path) -> list[str]:
    with pypdfium2.PdfDocument(path) as document:
        return [str(page.get_textpage().get_text_range()) for page in document]


def _ours(extractor: SubprocessTextExtractor, warm: int, paths: Sequence[Path]) -> float:
    before = _processor_seconds(warm)
    for path in paths:
        extractor.extract(path, path.name)
    return _processor_seconds(warm) - before


def _processor_seconds(warm: int) -> float:
    """Of this process, of the warm one, and of its forks that ended."""
    return time.process_time() + sum(map(int, _stat(warm)[11:15])) / os.sysconf("SC_CLK_TCK")


def _page_faults(warm: int) -> int:
    """Of the warm process and of its forks that ended: each is a page copied or fetched (man 5 proc)."""
    fields = _stat(warm)
    return int(fields[7]) + int(fields[8])


def _stat(process: int) -> list[str]:
    return Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()


def peak_of_children() -> int:
    """Bytes that the largest child so far held."""
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024
