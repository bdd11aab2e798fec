"""A web site on loopback, a tenant that fetches from it, and the HTTP interface."""

import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.api.conftest import ApiClient, aws_server, cloud, environment
from tests.api.events import ISSUER
from tests.pages.fetching import Fetch
from tests.pages.house import PageHouse
from tests.pages.site import Site, serving
from tests.postgres import PostgresServer

__all__ = ["aws_server", "cloud", "environment"]


@pytest.fixture
def site() -> Iterator[Site]:
    """An empty site: everything is 404, robots.txt too."""
    with serving(Site()) as made:
        yield made


@pytest.fixture(scope="package")
def pages_url(postgres: PostgresServer) -> Iterator[str]:
    """One database for all tenants of this folder: row security keeps them apart."""
    url = postgres.clone()
    yield url
    postgres.drop(url)


@pytest.fixture
def database_url(pages_url: str) -> str:
    """What the function's environment names: the folder's database."""
    return pages_url


@pytest.fixture
def api(environment: None) -> ApiClient:
    """The interface as a user of a tenant of its own."""
    return ApiClient({"iss": ISSUER, "sub": str(uuid.uuid4()), "tenant": str(uuid.uuid4())})


@pytest.fixture
def house(pages_url: str) -> Iterator[PageHouse]:
    """A tenant of its own."""
    made = PageHouse(pages_url, uuid.uuid4())
    yield made
    made.database.engine.dispose()


@pytest.fixture
def fetch(tmp_path: Path) -> Fetch:
    """A fetcher that may reach loopback."""
    return Fetch(tmp_path)
