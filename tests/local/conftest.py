"""One stack of the fixture's template serves all tests of this folder: moto has one state a process."""

from collections.abc import Iterator

import pytest

from tests.local.rig import Rig, start_rig


@pytest.fixture(scope="package")
def rig(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rig]:
    folder = tmp_path_factory.mktemp("stack")
    rig = start_rig(folder / "data", folder / "records")
    try:
        yield rig
    finally:
        rig.stack.stop()
