"""How far a crawl goes: which links become pages, and how politely one after the other."""

from collections.abc import Iterable
from dataclasses import dataclass

from census.domain.page_urls import host_of

MAX_DEPTH = 3
MAX_PAGES = 1_000
POLITE_SECONDS = 1.0
"""Between two pages of a crawl, unless the server's robots.txt asks for more."""
LONGEST_POLITE_SECONDS = 30.0


@dataclass(frozen=True)
class Follow:
    """What a caller allows: links up to `depth` steps from the start, at most `max_pages` pages in all."""

    depth: int
    max_pages: int
    same_host: bool


@dataclass(frozen=True)
class CrawlPlace:
    """Where a page stands in its crawl: `depth` steps from the start."""

    follow: Follow
    depth: int

    @property
    def goes_on(self) -> bool:
        """Whether links of this page are followed."""
        return self.depth < self.follow.depth


def pages_to_follow(links: Iterable[str], url: str, final_url: str, place: CrawlPlace) -> list[str]:
    """The links that become pages, each once, without the page itself; URLs are normalised.

    With `same_host` the host is the page's own. A redirect may move it where the crawl starts, and between a
    name with and without www. anywhere; otherwise a page that redirects elsewhere ends its branch.
    """
    if not place.goes_on:
        return []
    hosts = _hosts(url, final_url, place)
    wanted = dict.fromkeys(links)
    for own in (url, final_url):
        wanted.pop(own, None)
    return [link for link in wanted if not place.follow.same_host or host_of(link) in hosts]


def _hosts(url: str, final_url: str, place: CrawlPlace) -> set[str]:
    own, final = host_of(url), host_of(final_url)
    moved = own.removeprefix("www.") == final.removeprefix("www.")
    return {own, final} if place.depth == 0 or moved else {own}


def polite_seconds(asked: float | None) -> float:
    """Seconds between two pages, given what robots.txt asks for."""
    return min(LONGEST_POLITE_SECONDS, max(POLITE_SECONDS, asked or 0.0))
