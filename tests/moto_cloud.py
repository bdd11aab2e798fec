"""An AWS over HTTP for tests that need no whole stack."""

import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from moto.server import ThreadedMotoServer

from census.adapters.aws_clients import aws_client


@contextmanager
def moto_server() -> Iterator[str]:
    """The endpoint of a moto server on a port of its own."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@contextmanager
def empty_cloud(endpoint: str, region: str) -> Iterator[None]:
    """An empty cloud at this endpoint; the environment and our clients point to it meanwhile.

    moto keeps its state per process, not per server: what an earlier server of this process left is
    dropped at both ends, so that tests may run in any order and on any number of workers.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ENDPOINT_URL", endpoint)
        patch.setenv("AWS_DEFAULT_REGION", region)
        patch.setenv("AWS_ACCESS_KEY_ID", "local")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "local")
        aws_client.cache_clear()
        _reset(endpoint)
        yield
        _reset(endpoint)
        aws_client.cache_clear()


def _reset(endpoint: str) -> None:
    request = urllib.request.Request(f"{endpoint}/moto-api/reset", method="POST")
    urllib.request.urlopen(request, timeout=60).close()
