"""Our own corpus of addresses that a fetcher must never connect to, against the guard as we configure it.

Nothing here touches the network: names are answered by a look-up of the test's own, and a connection that
the guard let through would be refused by the reserved address it leads to.
"""

import socket
from pathlib import Path
from typing import Any

import pytest
from ssrfguard import SSRFGuardError

from census.adapters.guarded_page_fetcher import GuardedPageFetcher
from census.adapters.page_fetching.exchange import page_policy
from census.domain.page_errors import PageCode, PageFetchError
from census.ports.page_fetcher import WantedPage
from tests.pages.site import Site

LITERALS = [
    *(
        "127.0.0.1",
        "127.1",
        "127.255.255.254",
        "127.0.0.1.",
        "0",
        "0.0.0.0",
        "0x7f000001",
        "0x7f.1",
        "2130706433",
    ),
    *(
        "0177.0.0.1",
        "017700000001",
        "0x7f.0x0.0x0.0x1",
        "127.0.0.01",
        "①②⑦.0.0.1",
        "127。0。0。1",
        "localhost.",
    ),
    *("10.0.0.1", "10.255.255.255", "172.16.0.1", "172.31.255.255", "192.168.0.1", "192.168.255.255"),
    *("169.254.169.254", "169.254.170.2", "169.254.0.1", "100.100.100.200", "100.64.0.1", "192.0.0.192"),
    *("0.1.2.3", "224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255", "198.18.0.1", "192.0.2.1"),
    *(
        "198.51.100.1",
        "203.0.113.1",
        "[::1]",
        "[::]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[::127.0.0.1]",
    ),
    *(
        "[::ffff:169.254.169.254]",
        "[64:ff9b::7f00:1]",
        "[64:ff9b::a9fe:a9fe]",
        "[2002:7f00:1::]",
        "[fe80::1]",
    ),
    *("[2002:a9fe:a9fe::]", "[fc00::1]", "[fd00:ec2::254]", "[fec0::1]", "[ff02::1]", "[2001:db8::1]"),
    *(
        "[::ffff:10.0.0.1]",
        "[::ffff:0:127.0.0.1]",
        "[2001:0:7f00:1::]",
        "[0:0:0:0:0:ffff:c0a8:1]",
        "[100::1]",
    ),
]
URLS = [
    *(
        "http://user@93.184.216.34/",
        "http://93.184.216.34:22/",
        "http://93.184.216.34:6379/",
        "gopher://93.184.216.34/",
    ),
    *("file:///etc/passwd", "http://93.184.216.34:0/", "ftp://93.184.216.34/", "http://%31%32%37.0.0.1/"),
]
PUBLIC = ["93.184.216.34", "8.8.8.8", "[2606:4700::1111]", "[::ffff:8.8.8.8]"]


def refused(url: str, fetcher: GuardedPageFetcher, folder: Path) -> PageFetchError:
    with pytest.raises(PageFetchError) as stopped:
        fetcher.fetch(WantedPage(url), folder / "page", 2.0)
    return stopped.value


def answering(*addresses: str) -> Any:
    """A look-up that gives every name these addresses."""

    def look_up(host: str, port: int, *_: Any, **__: Any) -> list[Any]:
        if host == "localhost":
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]
        return [
            (socket.AF_INET6, socket.SOCK_STREAM, 6, "", (one, port, 0, 0))
            if ":" in one
            else (socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, port))
            for one in addresses
        ]

    return look_up


@pytest.mark.parametrize("host", LITERALS)
def test_no_form_of_an_inner_address_is_connected_to(host: str, tmp_path: Path) -> None:
    error = refused(f"http://{host}/", GuardedPageFetcher(resolver=answering("127.0.0.1")), tmp_path)

    assert error.code is PageCode.BLOCKED_ADDRESS


@pytest.mark.parametrize("url", URLS)
def test_no_other_scheme_port_or_disguise_is_fetched(url: str, tmp_path: Path) -> None:
    assert refused(url, GuardedPageFetcher(), tmp_path).code is PageCode.BLOCKED_ADDRESS


@pytest.mark.parametrize(
    "addresses",
    [
        ("127.0.0.1",),
        ("10.1.2.3",),
        ("169.254.169.254",),
        ("::1",),
        ("93.184.216.34", "127.0.0.1"),
        ("fd00::1",),
    ],
)
def test_a_name_that_leads_inside_is_not_connected_to(addresses: tuple[str, ...], tmp_path: Path) -> None:
    fetcher = GuardedPageFetcher(resolver=answering(*addresses))

    assert refused("http://innocent.example/", fetcher, tmp_path).code is PageCode.BLOCKED_ADDRESS


def test_the_refusal_tells_nothing_about_the_inside(tmp_path: Path) -> None:
    error = refused("http://a.example/", GuardedPageFetcher(resolver=answering("10.9.8.7")), tmp_path)

    assert "10.9.8.7" not in error.message


@pytest.mark.parametrize("host", PUBLIC)
def test_public_addresses_are_allowed(host: str) -> None:
    page_policy(allow_private_addresses=False).check_url(f"http://{host}/")


@pytest.mark.parametrize(
    "host", ["169.254.169.254", "[fe80::1]", "[64:ff9b::a9fe:a9fe]", "0.0.0.0", "100.100.100.200"]
)
def test_even_where_private_addresses_are_allowed_credentials_services_are_not(host: str) -> None:
    with pytest.raises(SSRFGuardError):
        page_policy(allow_private_addresses=True).check_url(f"http://{host}/")


def test_a_name_is_looked_up_once_a_connection(site: Site, tmp_path: Path) -> None:
    asked: list[str] = []

    def look_up(host: str, port: int, *rest: Any, **options: Any) -> Any:
        asked.append(host)
        return answering("127.0.0.1" if len(asked) <= 2 else "169.254.169.254")(host, port)

    site.page("/a")
    fetcher = GuardedPageFetcher(allow_private_addresses=True, resolver=look_up)
    fetcher.fetch(WantedPage(f"http://rebinding.example:{site.port}/a"), tmp_path / "page", 5.0)
    assert asked == ["rebinding.example"] * 2  # robots.txt and the page


def test_every_redirect_is_checked_anew(site: Site, tmp_path: Path) -> None:
    site.redirect("/a", "http://169.254.169.254/latest/meta-data/")

    error = refused(site.url("/a"), GuardedPageFetcher(allow_private_addresses=True), tmp_path)
    assert error.code is PageCode.BLOCKED_ADDRESS


def test_robots_cannot_send_us_inside_either(site: Site, tmp_path: Path) -> None:
    site.redirect("/robots.txt", "http://169.254.169.254/")
    site.page("/a")

    fetcher = GuardedPageFetcher(allow_private_addresses=True)
    assert fetcher.fetch(WantedPage(site.url("/a")), tmp_path / "page", 5.0)


def test_proxies_of_the_environment_are_not_used(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    site.page("/a")

    fetcher = GuardedPageFetcher(allow_private_addresses=True)
    assert fetcher.fetch(WantedPage(site.url("/a")), tmp_path / "page", 5.0)


def test_loopback_is_reached_only_where_it_was_allowed(site: Site, tmp_path: Path) -> None:
    error = refused(site.page("/a"), GuardedPageFetcher(), tmp_path)

    assert error.code is PageCode.BLOCKED_ADDRESS
    assert site.requests == []
