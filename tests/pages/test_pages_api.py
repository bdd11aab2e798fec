"""/pages over the real handlers: posted by a user, fetched by the function, read again."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from census import bootstrap
from functions.scrape_page.handler import handle
from tests.api.conftest import ApiClient, Cloud
from tests.api.documents import cite_in_answers, quotes_in_answers
from tests.pages.site import Reply, Site


@dataclass
class Context:
    """What Lambda tells a function about its invocation."""

    aws_request_id: str = "request-1"

    def get_remaining_time_in_millis(self) -> int:
        return 60_000


Work = Callable[[], dict[str, Any]]


@pytest.fixture
def work(cloud: Cloud, monkeypatch: pytest.MonkeyPatch, api: ApiClient) -> Work:
    """Runs the function on what waits in the scrape queue."""
    monkeypatch.setenv("ALLOW_PRIVATE_ADDRESSES", "1")
    bootstrap.settings.cache_clear()

    def run() -> dict[str, Any]:
        bodies = cloud.messages("scrape")
        return handle(
            {"Records": [{"messageId": f"m{n}", "body": b} for n, b in enumerate(bodies)]}, Context()
        )

    return run


def post(api: ApiClient, url: str) -> str:
    return str(api.post("/pages", {"url": url}).json["items"][0]["id"])


def test_a_page_is_taken_fetched_and_shown(api: ApiClient, site: Site, work: Work) -> None:
    posted = api.post("/pages", {"url": site.page("/a", title="Walrus news")})
    assert (posted.status, posted.json["items"][0]["status"]) == (202, "pending")
    assert work() == {"batchItemFailures": []}

    shown = api.get(f"/pages/{posted.json['items'][0]['id']}").json
    assert (shown["status"], shown["url"], shown["title"]) == ("completed", site.url("/a"), "Walrus news")
    assert (shown["passages"], shown["processing_error"]) == (1, None)


def test_the_text_is_shown_once_there_is_one(api: ApiClient, site: Site, work: Work) -> None:
    page = post(api, site.page("/a", words="The walrus sings."))
    assert api.get(f"/pages/{page}/text").status == 409
    work()

    assert "The walrus sings." in api.get(f"/pages/{page}/text").text


def test_pages_are_listed_newest_first_and_by_status(api: ApiClient, site: Site, work: Work) -> None:
    pages = [post(api, site.page(path)) for path in ("/a", "/b")]
    pages.append(post(api, site.url("/none")))
    work()

    first = api.get("/pages", limit="2").json
    rest = api.get("/pages", limit="2", cursor=first["next_cursor"]).json
    assert [item["id"] for item in [*first["items"], *rest["items"]]] == pages[::-1]
    failed = api.get("/pages", status="failed").json["items"]
    assert [item["processing_error"]["code"] for item in failed] == ["not_found"]


def test_another_tenant_sees_no_page(api: ApiClient, site: Site) -> None:
    page, eve = post(api, site.page("/a")), api.another("eve", "evil")

    assert eve.get("/pages").json["items"] == []
    for method, path in (
        ("GET", ""),
        ("GET", "/text"),
        ("POST", "/retry"),
        ("POST", "/refresh"),
        ("DELETE", ""),
    ):
        assert eve.call(method, f"/pages/{page}{path}").status == 404


def test_a_failed_page_can_be_tried_again_and_no_other(api: ApiClient, site: Site, work: Work) -> None:
    site.put("/a", b"", Reply(403), Reply(200, b"Plain words.", {}))
    page = post(api, site.url("/a"))
    assert api.post(f"/pages/{page}/retry").status == 409
    work()

    assert api.post(f"/pages/{page}/retry").json["status"] == "pending"
    work()
    assert api.get(f"/pages/{page}").json["status"] == "completed"


def test_a_page_is_refreshed(api: ApiClient, site: Site, work: Work) -> None:
    page = post(api, site.page("/a", words="Old."))
    work()
    site.page("/a", words="New.")

    assert api.post(f"/pages/{page}/refresh").status == 202
    work()
    assert "New." in api.get(f"/pages/{page}/text").text


def test_a_crawl_is_cancelled(api: ApiClient, site: Site, work: Work) -> None:
    site.page("/", "/1")
    crawl = api.post("/pages", {"url": site.url("/"), "follow": {"depth": 1}}).json["crawl_id"]
    work()

    assert api.post(f"/pages/crawls/{crawl}/cancel").json == {"id": crawl, "cancelled_pages": 1}
    assert api.post(f"/pages/crawls/{crawl[::-1]}/cancel").status == 404


def test_deleting_a_page_redacts_its_words_in_answers(api: ApiClient, site: Site, work: Work) -> None:
    api = api.another("alice", "acme")  # who cites
    kept, gone = post(api, site.page("/a", words="A")), post(api, site.page("/b", words="B"))
    work()
    cite_in_answers(api.conversation(), {kept: "kept words", gone: "gone words"})

    assert api.delete(f"/pages/{gone}").status == 204
    assert "kept words" in quotes_in_answers()
    assert "gone words" not in quotes_in_answers()
    assert api.get(f"/pages/{gone}").status == 404


@pytest.mark.parametrize(
    ("body", "paths"),
    [
        ({}, ["body"]),
        ({"url": "http://a.example", "urls": ["http://b.example"]}, ["body"]),
        ({"url": "ftp://a.example"}, ["url"]),
        ({"urls": ["http://a.example", "http://127.1/", "http://u:p@a.example"]}, ["urls.1", "urls.2"]),
        ({"urls": []}, ["urls"]),
        ({"urls": ["http://a.example"] * 101}, ["urls"]),
        ({"url": "http://a.example", "follow": {"depth": 4}}, ["follow.depth"]),
        ({"url": "http://a.example", "follow": {"max_pages": 1001}}, ["follow.max_pages"]),
        ({"url": "http://a.example", "follow": {"depht": 1}}, ["follow.depht"]),
    ],
)
def test_a_bad_request_is_told_where_it_is_wrong(api: ApiClient, body: Any, paths: list[str]) -> None:
    refused = api.post("/pages", body)

    assert (refused.status, refused.bad_paths) == (422, paths)


def test_a_message_that_breaks_off_is_delivered_again_and_the_others_are_not(
    api: ApiClient, cloud: Cloud, site: Site, work: Work
) -> None:
    broken, good = post(api, site.page("/a")), post(api, site.page("/b"))
    bodies = sorted(cloud.messages("scrape"), key=lambda body: broken not in body)
    names = ("no \x00 in PostgreSQL", "m2")
    records = [{"messageId": name, "body": body} for name, body in zip(names, bodies, strict=True)]

    assert handle({"Records": records}, Context()) == {"batchItemFailures": [{"itemIdentifier": names[0]}]}
    assert [api.get(f"/pages/{page}").json["status"] for page in (broken, good)] == ["pending", "completed"]
