"""One stack of the fixture's template serves all tests of this folder: moto has one state a process."""

from collections.abc import Iterator

import pytest

from tests.data_folder import data_folder
from tests.local.rig import Rig, start_rig


@pytest.fixture(scope="package")
def rig() -> Iterator[Rig]:
    with data_folder() as folder:
        rig = start_rig(folder / "data", folder / "records")
        try:
            yield rig
        finally:
            rig.stack.stop()
