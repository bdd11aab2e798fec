"""A page's way from its URL to a document, and every way it can end before."""

import uuid

from census.adapters.postgres.stuck_pages import pages_in_hand, stuck_pages
from census.application.delete_page import delete_page
from census.application.refresh_page import refresh_page
from census.application.remove_leftovers import Stores
from census.application.scrape_page import fail_page
from census.domain.page_claims import MAX_ATTEMPTS
from tests.pages.house import PageHouse
from tests.pages.site import Reply, Site


class Vanished:
    """An object store that holds nothing."""

    def delete(self, key: str) -> None:
        """Nothing to delete."""


def test_a_page_becomes_a_document_that_can_be_found(house: PageHouse, site: Site) -> None:
    page = house.add(site.page("/a", words="The walrus sings.", title="Walrus news"))

    row = house.row(page)
    assert (row["status"], row["title"], row["content_type"]) == ("completed", "Walrus news", "text/html")
    assert house.find("walrus") == ["Walrus news"]


def test_the_same_url_again_is_the_same_row_fetched_again(house: PageHouse, site: Site) -> None:
    page = house.add(site.page("/a", words="Old words."))
    site.page("/a", words="New words about otters.")

    assert house.add(site.url("/a#part")) == page
    assert house.count("scraped_contents") == 1
    assert house.find("otters")
    assert house.count("extracted_texts") == 1


def test_a_page_that_did_not_change_is_not_read_again(house: PageHouse, site: Site) -> None:
    page = house.add(site.put("/a", "<p>Words that stay.</p>", ETag='"v1"'))
    before = house.row(page)["text_id"]
    site.decide = lambda path, headers: Reply(304) if headers.get("if-none-match") == '"v1"' else None

    refresh_page(house.database, house.queue, house.tenant_id, page)
    house.deliver(page)
    row = house.row(page)
    assert (row["status"], row["text_id"], row["etag"]) == ("completed", before, '"v1"')


def test_a_busy_server_is_asked_again_later_by_a_new_message(house: PageHouse, site: Site) -> None:
    site.put("/a", b"", Reply(503, headers={"Retry-After": "120"}), Reply(200, b"Plain words.", {}))
    page = uuid.UUID(house.post(site.url("/a"))["items"][0]["id"])
    house.queue.messages.clear()

    house.deliver(page)
    assert house.row(page)["status"] == "pending"
    assert house.row(page)["error"]["code"] == "server_busy"
    assert [delay for _, delay in house.queue.messages] == [120]
    house.work_off()
    assert house.row(page)["status"] == "completed"


def test_after_five_attempts_a_page_has_failed(house: PageHouse, site: Site) -> None:
    page = uuid.UUID(house.post(site.put("/a", b"", Reply(500)))["items"][0]["id"])
    house.work_off()

    row = house.row(page)
    assert (row["status"], row["attempts"], row["error"]["retryable"]) == ("failed", MAX_ATTEMPTS, True)
    assert site.asked("/a") == MAX_ATTEMPTS


def test_a_page_whose_server_went_down_keeps_the_text_it_had(house: PageHouse, site: Site) -> None:
    page = house.add(site.page("/a", words="The walrus sings."))
    site.put("/a", b"", Reply(500))

    refresh_page(house.database, house.queue, house.tenant_id, page)
    house.work_off()
    assert house.row(page)["status"] == "completed"
    assert house.row(page)["error"]["code"] == "server_busy"
    assert house.find("walrus")


def test_a_page_that_is_gone_fails_at_once(house: PageHouse, site: Site) -> None:
    page = house.add(site.url("/nowhere"))

    assert (house.row(page)["status"], house.row(page)["error"]["code"]) == ("failed", "not_found")
    assert house.row(page)["error"]["stage"] == "fetch"


def test_a_repeated_message_fetches_nothing(house: PageHouse, site: Site) -> None:
    page = house.add(site.page("/a"))

    house.deliver(page, "again")
    assert site.asked("/a") == 1


def test_a_message_that_comes_before_its_time_waits(house: PageHouse, site: Site) -> None:
    items = house.post(site.page("/a"), site.page("/b"))["items"]
    house.queue.messages.clear()

    house.deliver(uuid.UUID(items[1]["id"]))
    assert site.asked("/b") == 0
    assert [delay for _, delay in house.queue.messages] == [1]


def test_a_worker_that_lost_its_claim_changes_nothing(house: PageHouse, site: Site) -> None:
    page = uuid.UUID(house.post(site.page("/a"))["items"][0]["id"])
    real = house.extractor

    class Slow:
        """While it reads, another worker takes the page and ends it."""

        def extract(self, *arguments: object, **options: object) -> object:
            house.extractor = real
            house.change("claimed_until = now() - interval '1 second'")
            house.deliver(page, "other")
            return real.extract(*arguments, **options)

    house.extractor = Slow()
    house.deliver(page)
    assert (house.row(page)["status"], house.row(page)["attempts"]) == ("completed", 2)
    assert house.row(page)["job_id"] == "other"


def test_a_page_that_kills_its_workers_fails_in_the_end(house: PageHouse, site: Site) -> None:
    page = uuid.UUID(house.post(site.page("/a"))["items"][0]["id"])
    for _ in range(MAX_ATTEMPTS):
        house.change("status = 'processing', attempts = attempts + 1, claimed_until = now() - interval '1 s'")

    house.deliver(page)
    assert (house.row(page)["status"], house.row(page)["error"]["code"]) == ("failed", "scrape_crashed")


def test_a_page_without_a_message_is_found(house: PageHouse, site: Site) -> None:
    page = uuid.UUID(house.post(site.page("/a"))["items"][0]["id"])
    house.change("status = 'processing', claimed_until = now() - interval '1 s'")

    with house.database.system() as work:
        assert pages_in_hand(work.session)
        assert (house.tenant_id, page) in stuck_pages(work.session)
        assert (house.tenant_id, page) not in stuck_pages(work.session)
    house.deliver(page)
    assert house.row(page)["status"] == "completed"


def test_a_dead_letter_ends_its_page(house: PageHouse, site: Site) -> None:
    page = uuid.UUID(house.post(site.page("/a"))["items"][0]["id"])

    assert fail_page(house.database, house.tenant_id, page, "3 deliveries")
    assert house.row(page)["error"]["code"] == "scrape_crashed"
    assert not fail_page(house.database, house.tenant_id, page, "3 deliveries")


def test_a_message_that_names_no_page_is_done_with(house: PageHouse) -> None:
    house.deliver(uuid.uuid4())

    assert house.queue.messages == []


def test_a_deleted_page_takes_its_text_along_unless_another_shows_it(house: PageHouse, site: Site) -> None:
    body = "<p>The very same words.</p>"
    first, second = house.add(site.put("/a", body)), house.add(site.put("/b", body))
    assert house.count("extracted_texts") == 1

    for page, left in ((first, 1), (second, 0)):
        delete_page(Stores(house.database, house.vectors, Vanished()), house.tenant_id, page)  # type: ignore[arg-type]
        assert house.count("extracted_texts") == left
    assert house.count("passages") == 0


def test_a_page_deleted_while_it_is_read_leaves_nothing(house: PageHouse, site: Site) -> None:
    page = uuid.UUID(house.post(site.page("/a"))["items"][0]["id"])
    real = house.extractor

    class Deleting:
        """While it reads, the owner deletes the page."""

        def extract(self, *arguments: object, **options: object) -> object:
            delete_page(Stores(house.database, house.vectors, Vanished()), house.tenant_id, page)  # type: ignore[arg-type]
            return real.extract(*arguments, **options)

    house.extractor = Deleting()
    house.deliver(page)
    assert [house.count(table) for table in ("scraped_contents", "extracted_texts")] == [0, 0]
