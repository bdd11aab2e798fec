"""A crawl follows links politely, as far as it may, and never twice."""

import uuid
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from census.application.cancel_crawl import cancel_crawl
from census.application.refresh_page import retry_page
from census.domain.crawl import CrawlPlace, Follow, pages_to_follow, polite_seconds
from census.domain.errors import NotFoundError
from tests.pages.house import PageHouse
from tests.pages.site import Site

WIDE = Follow(depth=3, max_pages=100, same_host=True)


def paths(house: PageHouse, site: Site, status: str = "completed") -> set[str]:
    return {url.removeprefix(site.origin) for url, row in house.rows().items() if row["status"] == status}


def test_links_become_pages_up_to_the_depth(house: PageHouse, site: Site) -> None:
    for place in range(5):
        site.page(f"/{place}", f"/{place + 1}")

    house.post(site.url("/0"), follow=Follow(depth=2, max_pages=100, same_host=True))
    house.work_off()
    assert paths(house, site) == {"/0", "/1", "/2"}


def test_a_crawl_has_at_most_the_pages_it_may_have(house: PageHouse, site: Site) -> None:
    site.page("/", *(f"/{place}" for place in range(20)))
    for place in range(20):
        site.page(f"/{place}", *(f"/{place}/{deeper}" for deeper in range(5)))

    house.post(site.url("/"), follow=Follow(depth=3, max_pages=7, same_host=True))
    house.work_off()
    assert paths(house, site) == {"/", "/0", "/1", "/2", "/3", "/4", "/5"}


def test_pages_that_link_to_each_other_are_fetched_once(house: PageHouse, site: Site) -> None:
    site.page("/a", "/b", "/a", "/a#top", "./b")
    site.page("/b", "/a", "/b?")

    house.post(site.url("/a"), follow=WIDE)
    house.work_off()
    assert (site.asked("/a"), site.asked("/b")) == (1, 1)
    assert house.count("scraped_contents") == 2


def test_links_to_other_hosts_are_followed_on_request_only(house: PageHouse, site: Site) -> None:
    other = f"http://localhost:{site.port}/b"
    site.page("/a", other)
    site.page("/b")

    house.post(site.url("/a"), follow=WIDE)
    house.work_off()
    assert other not in house.rows()
    house.post(site.url("/a"), follow=Follow(depth=1, max_pages=10, same_host=False))
    house.work_off()
    assert house.rows()[other]["status"] == "completed"


def test_found_pages_are_due_one_after_the_other(house: PageHouse, site: Site) -> None:
    site.put("/robots.txt", "User-agent: *\nCrawl-delay: 5")
    site.page("/", "/1", "/2", "/3")
    house.post(site.url("/"), follow=WIDE)

    house.let_all_be_due()
    house.deliver(house.rows()[site.url("/")]["id"])
    due = sorted(row["claimed_until"] for url, row in house.rows().items() if url != site.url("/"))
    gaps = [(later - sooner).total_seconds() for sooner, later in pairwise(due)]
    assert gaps == pytest.approx([5, 5], abs=2)


def test_a_cancelled_crawl_begins_no_further_page(house: PageHouse, site: Site) -> None:
    site.page("/", "/1", "/2")
    crawl = uuid.UUID(house.post(site.url("/"), follow=WIDE)["crawl_id"])
    house.deliver(house.rows()[site.url("/")]["id"])

    assert cancel_crawl(house.database, house.tenant_id, crawl)["cancelled_pages"] == 2
    house.work_off()
    assert paths(house, site) == {"/"}
    assert house.rows()[site.url("/1")]["error"]["code"] == "crawl_cancelled"
    assert site.asked("/1") == 0


def test_a_page_of_a_cancelled_crawl_can_be_fetched_by_itself(house: PageHouse, site: Site) -> None:
    site.page("/", "/1")
    site.page("/1", "/2")
    crawl = uuid.UUID(house.post(site.url("/"), follow=WIDE)["crawl_id"])
    house.deliver(house.rows()[site.url("/")]["id"])
    cancel_crawl(house.database, house.tenant_id, crawl)

    retry_page(house.database, house.queue, house.tenant_id, house.rows()[site.url("/1")]["id"])
    house.work_off()
    assert paths(house, site) == {"/", "/1"}


def test_a_crawl_of_another_tenant_cannot_be_cancelled(house: PageHouse, site: Site) -> None:
    crawl = uuid.UUID(house.post(site.page("/"), follow=WIDE)["crawl_id"])

    with pytest.raises(NotFoundError):
        cancel_crawl(house.database, uuid.uuid4(), crawl)


def test_a_second_crawl_goes_over_known_pages_again(house: PageHouse, site: Site) -> None:
    for place in range(3):
        site.put(f"/{place}", f'<p>Page {place} <a href="/{place + 1}">on</a></p>', ETag='"same"')
    house.post(site.url("/0"), follow=WIDE)
    house.work_off()

    house.post(site.url("/0"), follow=WIDE)
    house.work_off()
    assert [site.asked(f"/{place}") for place in range(3)] == [2, 2, 2]
    assert house.count("scraped_contents") == 4  # with /3, which is not there


def test_a_refreshed_page_does_not_crawl_on(house: PageHouse, site: Site) -> None:
    site.page("/0")
    house.post(site.url("/0"), follow=WIDE)
    house.work_off()
    site.page("/0", "/1")

    house.post(site.url("/0"))
    house.work_off()
    assert set(house.rows()) == {site.url("/0")}


def test_nofollow_is_obeyed(house: PageHouse, site: Site) -> None:
    site.put("/a", '<p>Words <a rel="nofollow" href="/no">n</a><a href="/b">b</a></p>')
    site.put("/b", '<meta name="robots" content="noindex, nofollow"><p>Words <a href="/no">n</a></p>')

    house.post(site.url("/a"), follow=WIDE)
    house.work_off()
    assert paths(house, site) == {"/a", "/b"}


START = CrawlPlace(WIDE, 0)
LATER = CrawlPlace(WIDE, 1)


def test_a_redirect_moves_the_host_where_the_crawl_starts_and_nowhere_else() -> None:
    links = ["http://new.example/x"]

    assert pages_to_follow(links, "http://old.example/", "http://new.example/", START) == links
    assert pages_to_follow(links, "http://old.example/", "http://new.example/", LATER) == []


def test_a_name_with_and_without_www_is_one_host() -> None:
    links = ["http://www.a.example/x"]

    assert pages_to_follow(links, "http://a.example/", "http://www.a.example/", LATER) == links


@given(st.lists(st.sampled_from(["http://a.example/", "http://a.example/x", "http://b.example/"])))
def test_a_page_never_follows_itself_and_no_link_twice(links: list[str]) -> None:
    found = pages_to_follow(links, "http://a.example/", "http://a.example/", START)

    assert found == (["http://a.example/x"] if "http://a.example/x" in links else [])


@given(st.none() | st.floats(allow_nan=False))
def test_politeness_is_between_one_second_and_thirty(asked: float | None) -> None:
    assert 1.0 <= polite_seconds(asked) <= 30.0
