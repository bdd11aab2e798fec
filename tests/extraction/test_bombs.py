"""Files made to do harm, and broken ones: the child stays small, the parent as it was, the end is typed."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.extraction.bomb_keeper import LIMITS, BombKeeper
from tests.extraction.bombs import Bomb, bombs

MB = 1024 * 1024
BOMBS = bombs()

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="memory is read from /proc")


@pytest.fixture(scope="module")
def keeper() -> Iterator[BombKeeper]:
    """One process for all of them, whose children may not have been large when it ends."""
    with BombKeeper() as made:
        yield made
        assert 0 < made.largest_child() <= 512 * MB


def test_there_are_enough_of_them() -> None:
    assert len(BOMBS) >= 60
    assert len({bomb.name for bomb in BOMBS}) == len(BOMBS)


@pytest.mark.parametrize("bomb", BOMBS, ids=[bomb.name for bomb in BOMBS])
def test_it_does_no_harm(bomb: Bomb, keeper: BombKeeper, tmp_path: Path) -> None:
    path = tmp_path / "upload"
    path.write_bytes(bomb.make())
    found = keeper.set_off(path, bomb.filename)
    assert found.end in bomb.ends
    assert found.seconds < LIMITS.wall_seconds
    assert found.growth <= 20 * MB + 6 * found.text_bytes, "a text is held as it came, as JSON and as text"
