"""robots.txt is asked for once an origin, and obeyed."""

from pathlib import Path

import pytest

from census.adapters.guarded_page_fetcher import GuardedPageFetcher
from census.adapters.page_fetching.robots import MOST_BYTES, read_robots
from census.domain.page_errors import PageBusyError, PageCode, PageFetchError
from census.ports.page_fetcher import FetchedPage, WantedPage
from tests.pages.site import Reply, Site


@pytest.fixture
def fetcher() -> GuardedPageFetcher:
    return GuardedPageFetcher(allow_private_addresses=True)


def fetch(fetcher: GuardedPageFetcher, url: str, folder: Path) -> FetchedPage:
    found = fetcher.fetch(WantedPage(url), folder / "page", 5.0)
    assert isinstance(found, FetchedPage)
    return found


def test_what_robots_forbids_is_not_fetched(fetcher: GuardedPageFetcher, site: Site, tmp_path: Path) -> None:
    site.put("/robots.txt", "User-agent: *\nDisallow: /private\n\nUser-agent: CensusBot\nDisallow: /mine")
    site.page("/private")

    assert fetch(fetcher, site.url("/private"), tmp_path)
    with pytest.raises(PageFetchError) as stopped:
        fetch(fetcher, site.page("/mine"), tmp_path)
    assert stopped.value.code is PageCode.ROBOTS_DISALLOWED
    assert site.asked("/mine") == 0


def test_robots_counts_for_the_page_a_redirect_leads_to(
    fetcher: GuardedPageFetcher, site: Site, tmp_path: Path
) -> None:
    site.put("/robots.txt", "User-agent: *\nDisallow: /b")

    with pytest.raises(PageFetchError) as stopped:
        fetch(fetcher, site.redirect("/a", "/b"), tmp_path)
    assert stopped.value.code is PageCode.ROBOTS_DISALLOWED


def test_robots_is_asked_for_once(fetcher: GuardedPageFetcher, site: Site, tmp_path: Path) -> None:
    for path in ("/a", "/b", "/c"):
        fetch(fetcher, site.page(path), tmp_path)

    assert site.asked("/robots.txt") == 1


@pytest.mark.parametrize("status", [401, 403, 404, 410])
def test_without_robots_everything_is_allowed(
    status: int, fetcher: GuardedPageFetcher, site: Site, tmp_path: Path
) -> None:
    site.put("/robots.txt", b"", Reply(status, b"User-agent: *\nDisallow: /"))

    assert fetch(fetcher, site.page("/a"), tmp_path)


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_server_that_breaks_down_over_robots_is_asked_later(
    status: int, fetcher: GuardedPageFetcher, site: Site, tmp_path: Path
) -> None:
    site.put("/robots.txt", b"", Reply(status, headers={"Retry-After": "7"}), Reply(404))

    with pytest.raises(PageBusyError) as stopped:
        fetch(fetcher, site.page("/a"), tmp_path)
    assert (stopped.value.code, stopped.value.after) == (PageCode.ROBOTS_UNAVAILABLE, 7.0)
    assert fetch(fetcher, site.url("/a"), tmp_path)


def test_robots_that_redirect_in_a_circle_forbid_nothing(
    fetcher: GuardedPageFetcher, site: Site, tmp_path: Path
) -> None:
    site.redirect("/robots.txt", "/robots.txt")

    assert fetch(fetcher, site.page("/a"), tmp_path)


def test_the_delay_that_robots_asks_for_is_told(
    fetcher: GuardedPageFetcher, site: Site, tmp_path: Path
) -> None:
    site.put("/robots.txt", "User-agent: *\nCrawl-delay: 2.5")

    assert fetch(fetcher, site.page("/a"), tmp_path).polite_seconds == 2.5


def test_a_byte_order_mark_and_broken_bytes_spoil_no_rule() -> None:
    robots = read_robots(b"\xef\xbb\xbfUser-agent: *\n# \xff\xfe\nDisallow: /no\n")

    assert not robots.allows("http://a.example/no")
    assert robots.allows("http://a.example/yes")


def test_only_the_beginning_of_a_huge_file_counts() -> None:
    robots = read_robots(b"User-agent: *\nDisallow: /a\n" + b"#" * MOST_BYTES + b"\nDisallow: /b\n")

    assert not robots.allows("http://a.example/a")
    assert robots.allows("http://a.example/b")


def test_a_pattern_made_to_cost_time_costs_none() -> None:
    robots = read_robots(b"User-agent: *\nDisallow: /" + b"*a" * 500 + b"b$\n")

    assert robots.allows("http://a.example/" + "a" * 1_900)
