"""One stack with the lexical model serves most tests of this folder, each as a tenant of its own."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.stack.person import Person
from tests.stack.running import RunningStack, running_stack

UPLOAD_EXPIRY_SECONDS = 60


@dataclass(frozen=True)
class Forgotten:
    """Somebody who announced a file and never sent it."""

    person: Person
    file_id: str
    pending_at_first: bool


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningStack]:
    folder = tmp_path_factory.mktemp("stack")
    with running_stack(folder, UploadExpirySeconds=str(UPLOAD_EXPIRY_SECONDS)) as running:
        yield running


@pytest.fixture(scope="session")
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


@pytest.fixture(scope="session")
def cuad() -> Path:
    """The folder of the real contracts."""
    folder = Path(__file__).resolve().parents[3] / "shared" / "cuad"
    if not folder.is_dir():
        pytest.skip("the sixty real contracts are not there: ../shared/cuad is absent")
    return folder


def somebody(base_url: str) -> Person:
    """A new user of a new tenant."""
    return Person(base_url, f"ann@{uuid.uuid4().hex[:12]}")
