"""One stack with the lexical model serves most tests of this folder, each as a tenant of its own."""

import signal
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

import pytest

from tests.data_folder import data_folder
from tests.stack.mid_job import MidJob, mid_job
from tests.stack.person import Person, somebody
from tests.stack.running import RunningStack, running_stack

UPLOAD_EXPIRY_SECONDS = 60


@dataclass(frozen=True)
class Forgotten:
    """Somebody who announced a file and never sent it."""

    person: Person
    file_id: str
    pending_at_first: bool


@pytest.fixture(scope="package", autouse=True)
def _stopping_on_sigterm() -> Iterator[None]:
    """Whoever ends the tests ends the stacks too: they run in sessions of their own."""

    def interrupt(_signal: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    yield
    signal.signal(signal.SIGTERM, before)


@pytest.fixture(scope="package")
def stack() -> Iterator[RunningStack]:
    with (
        data_folder() as folder,
        running_stack(folder, UploadExpirySeconds=str(UPLOAD_EXPIRY_SECONDS)) as running,
    ):
        yield running


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder for the data of a stack of the test's own."""
    with data_folder() as made:
        yield made


@pytest.fixture(scope="package")
def forgotten(stack: RunningStack) -> Forgotten:
    """Made with the first person, so that the time passes while other tests run."""
    person = somebody(stack.url)
    new = person.call("POST", "/files", {"filename": "never.txt", "size": 10}).json
    (row,) = person.client.files()
    return Forgotten(person, new["id"], row["status"] == "pending")


@pytest.fixture
def person(stack: RunningStack, forgotten: Forgotten) -> Person:
    """A new user in a new tenant: no test sees another's documents."""
    return somebody(stack.url)


@pytest.fixture(scope="package")
def cuad() -> Path:
    """The folder of the real contracts."""
    folder = Path(__file__).resolve().parents[3] / "shared" / "cuad"
    if not folder.is_dir():
        pytest.skip("the sixty real contracts are not there: ../shared/cuad is absent")
    return folder


@pytest.fixture(scope="package")
def worked() -> Iterator[MidJob]:
    """Short time-outs, so that a dead worker's claims expire soon."""
    short = {"MapTimeoutSeconds": "30", "MapVisibilitySeconds": "180", "ModelTimeoutSeconds": "11"}
    with data_folder() as folder, mid_job(folder, **short, ReconcileSeconds="5") as made:
        yield made
