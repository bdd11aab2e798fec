"""The artefacts as `make build` makes them for this machine, and processes that see nothing else."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from tests.stack.running import ROOT

ARCH = {"x86_64": "x86_64", "aarch64": "arm64", "arm64": "arm64"}[platform.machine()]
PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"
VENDORS = (
    "aws_lambda_powertools", "alembic", "boto3", "botocore", "httpx", "httpx2", "lxml", "openai", "pg8000",
    "pgvector", "pinecone", "protego", "pydantic", "pypdf", "pypdfium2", "python_calamine", "rapidfuzz",
    "selectolax", "sqlalchemy", "ssrfguard", "Stemmer",
)  # fmt: skip
SCRIPT = """
import json, sys, time
began = time.process_time()
for name in sys.argv[1].split(","):
    __import__(name)
if len(sys.argv) > 2:
    exec(sys.argv[2])
seconds = time.process_time() - began
print(json.dumps([seconds, sorted({name.partition(".")[0] for name in sys.modules})]))
"""


@dataclass(frozen=True)
class Imported:
    """Processor seconds, and the vendors that were loaded."""

    seconds: float
    vendors: frozenset[str]


@dataclass(frozen=True)
class Built:
    """A folder laid out like the project."""

    folder: Path

    @classmethod
    def into(cls, folder: Path) -> Built:
        """Builds everything there."""
        subprocess.run(
            ["bash", "infra/build/all.sh", ARCH, PYTHON, str(folder)],
            cwd=ROOT,
            check=True,
            capture_output=True,
            env={**os.environ, "PATH": f"{ROOT / '.venv' / 'bin'}:{os.environ['PATH']}"},
        )
        return cls(folder)

    def load(self, function: str, modules: str, then: str = "", *, bytecode: bool = True) -> Imported:
        """Imports modules in a clean interpreter that sees a function's package and layers only."""
        layers = ["core", "deps", *(["ingest"] if function in ("ingest_file", "scrape_page") else [])]
        path = [self.folder / "functions" / function]
        path += [self.folder / "layers" / layer / "python" for layer in layers]
        environment = {"PYTHONPATH": ":".join(map(str, [*path, ROOT / ".build" / "local" / "runtime"]))}
        if not bytecode:  # looks for it where there is none
            environment |= {"PYTHONPYCACHEPREFIX": str(self.folder / "none"), "PYTHONDONTWRITEBYTECODE": "1"}
        python = getattr(sys, "_base_executable", sys.executable)
        done = subprocess.run(
            [python, "-S", "-P", "-c", SCRIPT, modules, then],
            cwd=self.folder,
            env=environment,
            check=True,
            stdout=subprocess.PIPE,
            text=True,
        )
        seconds, loaded = json.loads(done.stdout)
        return Imported(seconds, frozenset(loaded) & frozenset(VENDORS))
