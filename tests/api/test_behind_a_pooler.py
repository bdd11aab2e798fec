"""The API behind PgBouncer in transaction mode: the very tests of conversations and files once more."""

from collections.abc import Iterator

import pytest

from tests.api.test_conversations import *  # noqa: F403
from tests.api.test_files import *  # noqa: F403
from tests.database.tcp_servers import PGBOUNCER, pooled
from tests.postgres import PostgresServer

pytestmark = pytest.mark.skipif(
    PGBOUNCER is None, reason="pgbouncer is not installed (Debian: apt install pgbouncer)"
)


@pytest.fixture
def database_url(postgres: PostgresServer) -> Iterator[str]:
    """A migrated database of this test alone, through the pooler."""
    url = postgres.clone()
    with pooled(postgres, url.partition("@/")[2].partition("?")[0]) as through:
        yield through
    postgres.drop(url)
