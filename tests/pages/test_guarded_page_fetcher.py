"""What a page's server can answer, and what each answer means."""

import socket
from pathlib import Path
from typing import Any

import pytest

from census.adapters.guarded_page_fetcher import GuardedPageFetcher
from census.domain.page_errors import PageBusyError, PageCode
from census.ports.page_fetcher import FetchedPage, UnchangedPage, WantedPage
from tests.pages.fetching import Fetch
from tests.pages.site import HTML, Reply, Site


def test_a_page_is_written_with_what_its_server_says_of_it(fetch: Fetch, site: Site) -> None:
    url = site.put("/a", "<p>Words</p>", ETag='W/"1"', Last_Modified="Sat, 21 Nov 2026 10:00:00 GMT")

    page = fetch.page(url)
    assert fetch.target.read_bytes() == b"<p>Words</p>"
    assert page == FetchedPage(url, 12, HTML, 'W/"1"', "Sat, 21 Nov 2026 10:00:00 GMT", None)


def test_we_say_who_we_are_and_send_nothing_else(fetch: Fetch, site: Site) -> None:
    fetch.page(site.put("/a", "<p>Words</p>", Set_Cookie="a=b"))
    fetch.page(site.url("/a"))

    sent = site.requests[-1][1]
    assert sent["user-agent"].startswith("CensusBot/")
    assert set(sent) == {"host", "user-agent", "accept", "accept-encoding"}


def test_an_unchanged_page_is_not_sent_again(fetch: Fetch, site: Site) -> None:
    site.decide = lambda path, headers: Reply(304) if headers.get("if-modified-since") == "then" else None

    wanted = WantedPage(site.url("/a"), None, "then")
    assert fetch.fetcher.fetch(wanted, fetch.target, 5.0) == UnchangedPage()


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirects_are_followed_and_the_end_is_told(status: int, fetch: Fetch, site: Site) -> None:
    end = site.page("/b/c")
    site.redirect("/b/", "c", status)

    assert fetch.page(site.redirect("/a", "/b/#part", status)).url == end


def test_five_redirects_are_followed_and_not_six(fetch: Fetch, site: Site) -> None:
    site.page("/6")
    for place in range(6):
        site.redirect(f"/{place}", f"/{place + 1}")

    assert fetch.page(site.url("/1")).url == site.url("/6")
    assert fetch.error(site.url("/0")).code is PageCode.REDIRECT_LOOP


def test_a_circle_of_redirects_ends_at_once(fetch: Fetch, site: Site) -> None:
    site.redirect("/a", "/b")
    site.redirect("/b", "/a")

    assert fetch.error(site.url("/a")).code is PageCode.REDIRECT_LOOP
    assert site.asked("/a") == 1


@pytest.mark.parametrize("place", ["javascript:1", "file:///etc/passwd", "http://[", "http://user:word@h/"])
def test_a_redirect_to_no_page_is_refused(place: str, fetch: Fetch, site: Site) -> None:
    assert fetch.error(site.redirect("/a", place)).code is PageCode.BAD_REDIRECT


def test_a_redirect_to_nowhere_is_refused(fetch: Fetch, site: Site) -> None:
    assert fetch.error(site.put("/a", b"", Reply(302))).code is PageCode.BAD_REDIRECT


@pytest.mark.parametrize(
    ("status", "code", "comes_back"),
    [
        (404, PageCode.NOT_FOUND, False),
        (410, PageCode.NOT_FOUND, False),
        (401, PageCode.HTTP_STATUS, False),
        (403, PageCode.HTTP_STATUS, False),
        (429, PageCode.SERVER_BUSY, True),
        (500, PageCode.SERVER_BUSY, True),
        (503, PageCode.SERVER_BUSY, True),
        (304, PageCode.HTTP_STATUS, False),
    ],
)
def test_a_status_says_whether_to_come_back(
    status: int, code: PageCode, comes_back: bool, fetch: Fetch, site: Site
) -> None:
    error = fetch.error(site.put("/a", b"", Reply(status)))

    assert (error.code, isinstance(error, PageBusyError)) == (code, comes_back)


@pytest.mark.parametrize(
    ("told", "after"),
    [("120", 120.0), ("nonsense", None), ("-5", None), ("Fri, 31 Dec 1999 23:59:59 GMT", 0.0), ("", None)],
)
def test_retry_after_is_read_as_seconds_or_date(
    told: str, after: float | None, fetch: Fetch, site: Site
) -> None:
    error = fetch.error(site.put("/a", b"", Reply(503, headers={"Retry-After": told})))

    assert isinstance(error, PageBusyError)
    assert error.after == after


@pytest.mark.parametrize("kind", ["image/png", "video/mp4", "application/zip", "font/woff2", "audio/mpeg"])
def test_what_holds_no_text_is_not_downloaded(kind: str, fetch: Fetch, site: Site) -> None:
    assert fetch.error(site.put("/a", bytes(100), Content_Type=kind)).code is PageCode.UNSUPPORTED_TYPE


def test_a_name_that_does_not_exist_is_unreachable(tmp_path: Path) -> None:
    def unknown(*_: Any, **__: Any) -> Any:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    with pytest.raises(PageBusyError) as stopped:
        GuardedPageFetcher(resolver=unknown).fetch(WantedPage("http://no.example/"), tmp_path / "page", 2.0)
    assert stopped.value.code is PageCode.UNREACHABLE


def test_a_closed_port_is_unreachable(fetch: Fetch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]

    assert fetch.error(f"http://127.0.0.1:{port}/").code is PageCode.UNREACHABLE


def test_a_server_that_speaks_no_http_is_unreachable(fetch: Fetch, site: Site) -> None:
    assert fetch.error(site.origin.replace("http:", "https:") + "/").code is PageCode.UNREACHABLE
