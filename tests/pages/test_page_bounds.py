"""No page costs more than it may: neither bytes, however they are packed, nor time, however slow."""

import gzip
import socket
import threading
import time
import tracemalloc
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from census.adapters.guarded_page_fetcher import GuardedPageFetcher
from census.domain.page_errors import PageBusyError, PageCode
from census.ports.page_fetcher import WantedPage
from tests.pages.fetching import MEGABYTE, Fetch
from tests.pages.site import Reply, Site, bomb


def test_a_declared_size_that_is_too_large_is_refused_unread(fetch: Fetch, site: Site) -> None:
    url = site.put("/a", b"", Reply(200, b"x", {"Content-Length": "9999999999"}, length=False))

    assert fetch.error(url).code is PageCode.TOO_LARGE


def test_an_undeclared_size_is_counted(fetch: Fetch, site: Site) -> None:
    url = site.put("/a", b"", Reply(200, pieces=(bytes(MEGABYTE // 2),) * 3))

    assert fetch.error(url).code is PageCode.TOO_LARGE


def test_exactly_the_most_is_read(fetch: Fetch, site: Site) -> None:
    assert fetch.page(site.put("/a", bytes(MEGABYTE))).size == MEGABYTE


def test_a_bomb_is_counted_as_it_unfolds(fetch: Fetch, site: Site) -> None:
    url = site.put("/a", bomb(200 * MEGABYTE), Content_Encoding="gzip")

    tracemalloc.start()
    assert fetch.error(url).code is PageCode.TOO_LARGE
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert fetch.target.stat().st_size <= MEGABYTE
    assert peak < 20 * MEGABYTE


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        ("gzip", gzip.compress(b"Words " * 999)),
        ("x-gzip", gzip.compress(b"Words " * 500) + gzip.compress(b"Words " * 499)),
        ("deflate", zlib.compress(b"Words " * 999)),
        ("deflate", zlib.compress(b"Words " * 999)[2:-4]),
        ("identity", b"Words " * 999),
    ],
    ids=["gzip", "two gzip members", "zlib", "raw deflate", "identity"],
)
def test_encodings_are_undone(encoding: str, body: bytes, fetch: Fetch, site: Site) -> None:
    fetch.page(site.put("/a", body, Content_Encoding=encoding))

    assert fetch.target.read_bytes() == b"Words " * 999


@pytest.mark.parametrize(("encoding", "body"), [("br", b"x"), ("gzip", b"no gzip"), ("gzip, gzip", b"x")])
def test_other_encodings_are_refused(encoding: str, body: bytes, fetch: Fetch, site: Site) -> None:
    error = fetch.error(site.put("/a", body, Content_Encoding=encoding))

    assert error.code is PageCode.UNSUPPORTED_ENCODING


def test_an_encoded_page_that_breaks_off_is_fetched_again(fetch: Fetch, site: Site) -> None:
    error = fetch.error(site.put("/a", gzip.compress(b"Words " * 999)[:-20], Content_Encoding="gzip"))

    assert isinstance(error, PageBusyError)


def test_a_page_that_breaks_off_is_fetched_again(fetch: Fetch, site: Site) -> None:
    url = site.put("/a", b"", Reply(200, b"half", {"Content-Length": "8"}, length=False))

    error = fetch.error(url)
    assert (error.code, isinstance(error, PageBusyError)) == (PageCode.UNREACHABLE, True)


def test_a_drip_ends_at_the_deadline(fetch: Fetch, site: Site) -> None:
    url = site.put("/a", b"", Reply(200, pieces=(b"x",) * 2_000, pause=0.05))

    started = time.monotonic()
    error = fetch.error(url, seconds=0.6)
    assert (error.code, isinstance(error, PageBusyError)) == (PageCode.TIMED_OUT, True)
    assert time.monotonic() - started < 60, "all of it takes 100 s"


@pytest.fixture
def dripping_header() -> Iterator[int]:
    """The port of a server that sends its header a byte at a time for 100 s, and never its end."""
    listener = socket.create_server(("127.0.0.1", 0))
    stop = threading.Event()

    def drip() -> None:
        connection, _ = listener.accept()
        with connection:
            for _ in range(2_000):
                if stop.wait(0.05):
                    return
                connection.sendall(b"H")

    threading.Thread(target=drip, daemon=True).start()
    yield listener.getsockname()[1]
    stop.set()
    listener.close()


def test_a_header_that_drips_ends_at_the_deadline(fetch: Fetch, dripping_header: int) -> None:
    started = time.monotonic()
    assert fetch.error(f"http://127.0.0.1:{dripping_header}/", seconds=0.6).code is PageCode.TIMED_OUT
    assert time.monotonic() - started < 60, "it drips for 100 s"


def test_a_name_server_that_never_answers_ends_at_the_deadline(tmp_path: Path) -> None:
    woken = threading.Event()

    def asleep(*_: Any, **__: Any) -> Any:
        woken.wait(100)

    fetcher = GuardedPageFetcher(resolver=asleep)
    started = time.monotonic()
    with pytest.raises(PageBusyError) as stopped:
        fetcher.fetch(WantedPage("http://slow.example/"), tmp_path / "page", 0.5)
    assert stopped.value.code is PageCode.TIMED_OUT
    assert time.monotonic() - started < 60
    woken.set()
