"""Runs a FakeCensus on a port of its own, and makes clients and consoles that suit tests."""

import io
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import ThreadingHTTPServer

from rich.console import Console

from infra.local.client import CensusClient
from tests.local_client.fake_census import FakeCensus
from tests.local_client.fake_wire import make_handler


@contextmanager
def serving(census: FakeCensus) -> Iterator[FakeCensus]:
    """The same FakeCensus with its `url` set, until the block ends."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), make_handler(census))
    census.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield census
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def patient_client(census: FakeCensus) -> CensusClient:
    """Tries again as often as a real one, without the waiting."""
    return CensusClient(census.url, pauses_seconds=(0.0, 0.0, 0.0))


def log_console() -> tuple[Console, io.StringIO]:
    """A console that is no terminal, and what it printed."""
    printed = io.StringIO()
    return Console(file=printed, width=110, highlight=False), printed


def terminal_console() -> tuple[Console, io.StringIO]:
    """A console that believes it is a terminal with colours, and what it printed."""
    printed = io.StringIO()
    return Console(
        file=printed, width=110, highlight=False, force_terminal=True, color_system="standard"
    ), printed
