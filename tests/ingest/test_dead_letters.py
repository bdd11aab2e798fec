"""What died in the ingest queue, through the real redrive: a file is read alone before it is given up."""

import pytest

from functions.drain_dead_letters.handler import handle
from tests.ingest.house import House
from tests.ingest.test_handler import queue_url as queue_url
from tests.redrive import Redrive, made_redrive


@pytest.fixture
def redrive(queue_url: str) -> Redrive:
    """The drain's process as the template makes it, and queues of its own."""
    return made_redrive()


def test_a_file_that_died_with_others_is_read_alone(house: House, redrive: Redrive) -> None:
    file_id = house.announce("a.txt")
    redrive.kill(house.upload(file_id, b"Fine words."))

    while redrive.drain(handle):
        pass

    assert house.row(file_id)["status"] == "completed"


def test_a_file_whose_run_alone_dies_as_well_has_failed(house: House, redrive: Redrive) -> None:
    file_id = house.announce("a.txt")
    redrive.kill(house.upload(file_id, b"Fine words."))
    redrive.drain(handle)

    with pytest.raises(KeyError):
        redrive.drain(dying)
    redrive.drain(handle)

    assert house.row(file_id)["status"] == "failed"
    assert redrive.drain(handle) is None


def dying(_event: dict[str, object], _context: object) -> None:
    raise KeyError("the process")
