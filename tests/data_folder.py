"""Where tests keep the data of a running stack or database."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def data_folder() -> Iterator[Path]:
    """A folder for a stack's data, gone after the block.

    Not one of pytest's: as root the database runs as another OS user, and each pytest that starts on the
    machine closes the folder above them all to others.
    """
    folder = Path(tempfile.mkdtemp(prefix="census-stack-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
