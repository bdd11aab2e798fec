"""How large the layers are, with bytecode, as they lie on Lambda and as they travel."""

from __future__ import annotations

import compileall
import shutil
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path

MB = 1_000_000
LIMITS_MB = {"core": (110, 35), "ingest": (50, 20)}
"""Unzipped and zipped (design.md, section 8)."""
LAYERS = {"core": ("CoreLayer", "DepsLayer"), "ingest": ("IngestLayer",)}


@dataclass(frozen=True)
class LayerSize:
    """Bytes; `borrowed` when the bytecode was written by this machine's Python, for want of the right one."""

    name: str
    unzipped: int
    zipped: int
    borrowed: bool

    @property
    def fits(self) -> bool:
        unzipped, zipped = LIMITS_MB[self.name]
        return self.unzipped <= unzipped * MB and self.zipped <= zipped * MB

    def __str__(self) -> str:
        limits = LIMITS_MB[self.name]
        note = " (bytecode of this machine's Python, about as large)" if self.borrowed else ""
        verdict = "" if self.fits else "  TOO LARGE"
        return (
            f"{self.name}: {self.unzipped / MB:.0f} of {limits[0]} MB, "
            f"zipped {self.zipped / MB:.0f} of {limits[1]} MB{note}{verdict}"
        )


def measure(built: Path, name: str) -> LayerSize:
    """The size of a layer's folders below `built`; bytecode is added to a copy where there is none."""
    with tempfile.TemporaryDirectory() as scratch:
        copy = Path(scratch) / "layer"
        for layer in LAYERS[name]:
            shutil.copytree(built / layer, copy / layer)
        borrowed = not any(copy.rglob("*.pyc"))
        if borrowed:
            compileall.compile_dir(str(copy), quiet=2)
        files = [path for path in copy.rglob("*") if path.is_file()]
        archive = Path(scratch) / "layer.zip"
        with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as zipped:
            for path in files:
                zipped.write(path, path.relative_to(copy))
        return LayerSize(name, sum(path.stat().st_size for path in files), archive.stat().st_size, borrowed)
