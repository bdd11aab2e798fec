"""A web site on loopback, and a tenant that fetches from it."""

import uuid
from collections.abc import Iterator

import pytest

from tests.pages.house import PageHouse
from tests.pages.site import Site, serving


@pytest.fixture
def site() -> Iterator[Site]:
    """An empty site: everything is 404, robots.txt too."""
    with serving(Site()) as made:
        yield made


@pytest.fixture
def house(database_url: str) -> Iterator[PageHouse]:
    """A tenant in a database of its own."""
    made = PageHouse(database_url, uuid.uuid4())
    yield made
    made.database.engine.dispose()
