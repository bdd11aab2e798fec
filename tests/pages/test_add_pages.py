"""What POST /pages accepts, and how politely it begins."""

import pytest

from census.application.add_pages import one_after_the_other
from census.domain.crawl import Follow
from census.domain.errors import FieldsInvalidError, UnavailableError
from census.domain.plan import JsonObject
from tests.pages.house import PageHouse


def test_two_spellings_are_one_page(house: PageHouse) -> None:
    posted = house.post("HTTP://example.com", "http://example.com/#x", "http://example.com/b")

    assert [item["url"] for item in posted["items"]] == ["http://example.com/", "http://example.com/b"]
    assert posted["crawl_id"] is None
    assert len(house.queue.messages) == 2


def test_every_bad_url_is_named_and_none_is_added(house: PageHouse) -> None:
    with pytest.raises(FieldsInvalidError) as refused:
        house.post("http://example.com", "ftp://example.com", "http://u:p@example.com")

    assert [problem.path for problem in refused.value.problems] == ["urls.1", "urls.2"]
    assert house.count("scraped_contents") == 0


def test_a_crawl_must_have_room_for_where_it_starts(house: PageHouse) -> None:
    with pytest.raises(FieldsInvalidError) as refused:
        house.post("http://a.example", "http://b.example", follow=Follow(1, 1, True))

    assert [problem.path for problem in refused.value.problems] == ["follow.max_pages"]


def test_pages_of_one_host_follow_each_other() -> None:
    urls = ["http://a.example/1", "http://b.example/1", "http://a.example/2", "http://a.example/3"]

    assert [seconds for _, seconds in one_after_the_other(urls)] == [0.0, 0.0, 1.0, 2.0]


def test_a_page_under_way_is_not_begun_anew(house: PageHouse) -> None:
    house.post("http://example.com/")
    house.change("status = 'processing', attempts = 3")

    assert house.post("http://example.com/")["items"][0]["status"] == "processing"
    assert house.rows()["http://example.com/"]["attempts"] == 3


def test_a_queue_that_does_not_answer_loses_no_page(house: PageHouse) -> None:
    class Silent:
        """Refuses every message."""

        def send_many(self, messages: list[JsonObject]) -> int:
            raise UnavailableError("no answer")

    house.queue = Silent()  # type: ignore[assignment]
    assert house.post("http://example.com/")["items"][0]["status"] == "pending"
    assert house.count("scraped_contents") == 1
