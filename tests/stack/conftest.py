"""One stack with the lexical model serves most tests of this folder, each as a tenant of its own."""

import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.stack.person import Person
from tests.stack.running import RunningStack, running_stack

UPLOAD_EXPIRY_SECONDS = 60
NewPerson = Callable[[], Person]


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningStack]:
    folder = tmp_path_factory.mktemp("stack")
    with running_stack(folder, UploadExpirySeconds=str(UPLOAD_EXPIRY_SECONDS)) as running:
        yield running


@pytest.fixture
def person(stack: RunningStack) -> Person:
    """A new user in a new tenant: no test sees another's documents."""
    return somebody(stack.url)


@pytest.fixture(scope="session")
def cuad() -> Path:
    """The folder of the real contracts."""
    folder = Path(__file__).resolve().parents[3] / "shared" / "cuad"
    if not folder.is_dir():
        pytest.skip(f"the real contracts are not at {folder.parent.name}/{folder.name} beside the project")
    return folder


def somebody(base_url: str) -> Person:
    """A new user of a new tenant."""
    return Person(base_url, f"ann@{uuid.uuid4().hex[:12]}")
